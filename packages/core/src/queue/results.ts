import type { Timers } from '../clock.ts';
import type { Codec } from '../codec/index.ts';
import { OmniQError } from '../errors.ts';
import { isTerminal } from '../model/state.ts';
import { decodeError, reviveError } from '../model/task-error.ts';
import { decodeSpec } from '../model/task-spec.ts';
import type { TaskRow } from '../storage/task-row.ts';
import type { ResultWaiter } from './result-waiter.ts';
import type { StoreClock } from './store-clock.ts';
import type { Stores } from './stores.ts';

/** Reads what tasks returned, and waits for it. */
export class Results {
  readonly #stores: Stores;
  readonly #codec: Codec;
  readonly #clock: StoreClock;
  readonly #waiter: ResultWaiter;
  readonly #timers: Timers;

  constructor(stores: Stores, codec: Codec, clock: StoreClock, waiter: ResultWaiter, timers: Timers) {
    this.#stores = stores;
    this.#codec = codec;
    this.#clock = clock;
    this.#waiter = waiter;
    this.#timers = timers;
  }

  /**
   * Waits until the task has ended and resolves with its value.
   * @throws OmniQError `TASK_FAILED` (its error is the cause), `TASK_CANCELLED`, `TASK_EXPIRED`, `TASK_NOT_FOUND`,
   * `RESULT_TIMEOUT`, `RESULT_EXPIRED`
   * @param arriving on its way through an outbox: that there is no such task yet is no reason to give up
   */
  async wait(id: string, timeoutMs: number | null, signal?: AbortSignal, arriving = false): Promise<unknown> {
    const limit = new AbortController();
    const giveUp = (): void => limit.abort(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', giveUp, { once: true });
    const cancel =
      timeoutMs === null ? null : this.#timers.after(timeoutMs, () => limit.abort(timedOut(id, timeoutMs)));
    try {
      return await this.valueOf(await this.#waiter.wait(id, limit.signal, arriving), id);
    } finally {
      cancel?.();
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** The value of a completed task. @throws OmniQError as {@link wait}, and `CONFLICT` for one that has not ended */
  async valueOf(row: TaskRow | undefined, id: string): Promise<unknown> {
    if (row === undefined) throw new OmniQError('TASK_NOT_FOUND', `There is no task ${id}.`, { id });
    if (row.state !== 'completed') throw endError(row);
    const [bytes] = await this.#stores.results.get([{ id, lease: row.lease }], this.#clock.now());
    if (bytes !== undefined) return this.#decode(row, bytes);
    const { resultTtlMs } = decodeSpec(row.spec);
    if (resultTtlMs === null || (row.finishedAt ?? 0) + resultTtlMs > this.#clock.now()) return undefined;
    throw new OmniQError('RESULT_EXPIRED', `The result of ${id} was kept ${resultTtlMs} ms and is gone.`, {
      hint: 'Set a longer resultTtl where it is read later.',
      id,
    });
  }

  /** The values of these tasks, `undefined` for each that did not complete. */
  async valuesOf(ids: readonly string[]): Promise<readonly unknown[]> {
    const rows = await this.#stores.tasks.get(ids);
    const keys = rows.map((row) => ({ id: row?.id ?? '', lease: row?.state === 'completed' ? row.lease : -1 }));
    const values = await this.#stores.results.get(keys, this.#clock.now());
    return Promise.all(values.map((bytes, index) => this.#decode(rows[index] as TaskRow, bytes)));
  }

  #decode(row: TaskRow, bytes: Uint8Array | undefined): unknown {
    if (bytes === undefined) return undefined;
    return this.#codec.decode(bytes, { kind: 'result', name: row.name, queue: row.queue, id: row.id });
  }
}

function timedOut(id: string, timeoutMs: number): OmniQError {
  return new OmniQError('RESULT_TIMEOUT', `The task ${id} did not end within ${timeoutMs} ms.`, {
    hint: 'It goes on; wait again with the same handle, or cancel it.',
    id,
  });
}

function endError(row: TaskRow): OmniQError {
  const { id, name, state, reason } = row;
  const cause = row.error === null ? undefined : reviveError(decodeError(row.error));
  const details = { id, reason, ...(cause === undefined ? {} : { cause }) };
  const said = cause === undefined ? '' : `: ${cause.message}`;
  if (state === 'failed')
    return new OmniQError('TASK_FAILED', `The task ${name} ${id} failed (${reason})${said}.`, details);
  if (state === 'cancelled')
    return new OmniQError('TASK_CANCELLED', `The task ${name} ${id} was cancelled (${reason}).`, details);
  if (state === 'expired')
    return new OmniQError('TASK_EXPIRED', `The task ${name} ${id} expired before it could run.`, details);
  return new OmniQError(
    'CONFLICT',
    `The task ${name} ${id} is ${isTerminal(state) ? 'over' : 'not over'} (${state}).`,
    details,
  );
}
