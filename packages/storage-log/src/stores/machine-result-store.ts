import type { ResultKey, ResultStore, StoredResult } from '@omniq/core/storage';
import { Piece } from '../machine/piece.ts';
import { ask, type Port } from './port.ts';

/** Results as the machine keeps them: those that came with a change, and those that were put. */
export class MachineResultStore implements ResultStore {
  readonly #port: Port;

  constructor(port: Port) {
    this.#port = port;
  }

  async put(results: readonly StoredResult[]): Promise<void> {
    const rows = results.map(({ id, lease, value, expiresAt }) => ({ id, lease, value, expiresAt }));
    await ask(this.#port, { verb: 'putResults', results: rows });
  }

  async get(keys: readonly ResultKey[], now: number): Promise<readonly (Uint8Array | undefined)[]> {
    const machine = await this.#port.fresh();
    const values = keys.map((key) => machine.result(key, now));
    if (!values.some((value) => value instanceof Piece)) return values as readonly (Uint8Array | undefined)[];
    const bytes = await this.#port.open(values);
    return values.map((value) => (value === undefined ? undefined : bytes(value)));
  }

  async remove(keys: readonly { readonly id: string; readonly below?: number }[]): Promise<void> {
    await ask(this.#port, { verb: 'removeResults', keys });
  }

  async sweep(now: number, limit: number): Promise<number> {
    return ask(this.#port, { verb: 'sweepResults', now, limit });
  }

  async close(): Promise<void> {
    await this.#port.close();
  }
}
