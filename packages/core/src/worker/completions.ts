import { sleep } from '../clock.ts';
import { OmniQError } from '../errors.ts';
import type { Intent } from '../queue/committer.ts';
import type { Engine } from '../queue/engine.ts';
import { transactionStore } from '../queue/transaction-store.ts';
import type { TaskRow } from '../storage/task-row.ts';
import type { Run } from './run.ts';
import { settlement } from './settlement.ts';
import { completed } from './verdict.ts';

const ASK_AGAIN_MS = 1_000;

/** No task was ever claimed under it. */
const NO_LEASE = 0;

/**
 * Completions that handlers make inside their own transactions. Only the store knows what became of one: the handler may
 * have swallowed an error, the reply to its commit may be lost. So the row is read once the handler has ended.
 */
export class Completions {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @throws OmniQError `UNSUPPORTED`, `INVALID_OPTION`, `CONFLICT`, `LEASE_LOST`: then the transaction cannot be committed */
  async completeIn(run: Run, transaction: unknown, value: unknown): Promise<void> {
    const { stores, clock, codec } = this.#engine;
    const store = transactionStore(stores, transaction);
    const { id, name, queue, task } = run;
    const bytes = value === undefined ? null : await codec.encode(value, { kind: 'result', name, queue, id });
    const { intent, result } = settlement(run, completed(run, bytes, clock.now()), stores.colocatedResults);
    if (result !== undefined) await stores.results.put([result]);
    run.completion = intent;
    // A run that was given up may not complete, though its lease may still stand: the store is asked for a lease that
    // nobody has, so that it spoils the transaction.
    const lease = run.over ? NO_LEASE : task.lease;
    await store.complete({ ...intent.change, guard: { lease } }, clock.now());
  }

  /** Whether the completion was committed. Asks until the store answers, or the run is given up. */
  async wasCommitted(run: Run, { change }: Intent): Promise<boolean> {
    while (!run.over) {
      const row = await this.#read(run.id);
      if (row !== null) return row === undefined || (row.lease === run.task.lease && row.state === change.set.state);
      await sleep(this.#engine.ambient.timers, ASK_AGAIN_MS);
    }
    return false;
  }

  /** `null`: the store does not answer. */
  async #read(id: string): Promise<TaskRow | undefined | null> {
    try {
      return (await this.#engine.stores.tasks.get([id]))[0];
    } catch (error) {
      this.#engine.logger.debug({ err: error, task_id: id }, 'what became of a completion is not known yet');
      return null;
    }
  }
}

/** For a handler that returned though its transaction did not commit. */
export function rolledBack(run: Run): OmniQError {
  return new OmniQError(
    'COMPLETE_ROLLED_BACK',
    `The transaction that completed the task ${run.id} was not committed.`,
    {
      hint: 'Commit it before the handler returns, or let its error through.',
      id: run.id,
    },
  );
}
