import type { ResultKey, ResultStore, StoredResult } from '@omniq/core/storage';
import type { Connection } from './connection.ts';
import { getResults } from './lua/get-results.ts';
import { putResults } from './lua/put-results.ts';
import { removeResults } from './lua/remove-results.ts';
import { sweepResults } from './lua/sweep-results.ts';
import { orNone } from './packing/none.ts';
import { slices } from './slices.ts';

const MOST = 500;

/** Results in Redis, for tasks here or elsewhere. */
export class RedisResultStore implements ResultStore {
  readonly #connection: Connection;
  readonly #close: () => void;

  constructor(connection: Connection, close: () => void) {
    this.#connection = connection;
    this.#close = close;
  }

  async put(results: readonly StoredResult[]): Promise<void> {
    for (const some of slices(results, MOST)) {
      const values = some.flatMap(({ id, lease, expiresAt, value }) => [
        id,
        lease,
        orNone(expiresAt),
        Buffer.from(value),
      ]);
      // oxlint-disable-next-line no-await-in-loop -- one call after the other leaves others their turn
      await this.#connection.run(putResults, ...values);
    }
  }

  async get(keys: readonly ResultKey[], now: number): Promise<readonly (Uint8Array | undefined)[]> {
    const values: (Uint8Array | undefined)[] = [];
    for (const some of slices(keys, MOST)) {
      const ids = some.map(({ id }) => id);
      // oxlint-disable-next-line no-await-in-loop -- one call after the other leaves others their turn
      const stored = await this.#connection.run<(Buffer | null)[]>(getResults, ...ids);
      for (const [index, { lease }] of some.entries()) values.push(resultOf(stored[index] ?? null, lease, now));
    }
    return values;
  }

  async remove(keys: readonly { readonly id: string; readonly below?: number }[]): Promise<void> {
    for (const some of slices(keys, MOST)) {
      const values = some.flatMap(({ id, below }) => [id, below ?? '']);
      // oxlint-disable-next-line no-await-in-loop -- one call after the other leaves others their turn
      await this.#connection.run(removeResults, ...values);
    }
  }

  async sweep(now: number, limit: number): Promise<number> {
    let gone = 0;
    while (gone < limit) {
      const most = Math.min(MOST, limit - gone);
      // oxlint-disable-next-line no-await-in-loop -- one call after the other leaves others their turn
      const went = await this.#connection.run<number>(sweepResults, now, most);
      gone += went;
      if (went < most) break;
    }
    return gone;
  }

  async close(): Promise<void> {
    this.#close();
  }
}

/** Lease, end, length and value of each result of a task, one after the other. */
function resultOf(stored: Buffer | null, lease: number, now: number): Uint8Array | undefined {
  for (let at = 0; stored !== null && at < stored.length;) {
    const end = at + 20 + stored.readUInt32LE(at + 16);
    if (stored.readDoubleLE(at) === lease) {
      return stored.readDoubleLE(at + 8) > now ? stored.subarray(at + 20, end) : undefined;
    }
    at = end;
  }
  return undefined;
}
