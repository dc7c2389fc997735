import type { Engine } from '../queue/engine.ts';
import { transactionStore } from '../queue/transaction-store.ts';
import type { NewTask } from '../storage/task-row.ts';
import type { InsertOutcome } from '../storage/task-store.ts';
import { wrapRow } from './envelope.ts';

/**
 * Transactional enqueue for task stores that have no transactions. **An outbox is a queue**: in the user's transaction a
 * task is written, in a store that has them, whose work it is to insert the wanted one; the relay, a worker like any
 * other, runs it until it is done.
 */
export class Outbox {
  readonly #engine: Engine;

  /** @param engine of the store that takes part in the user's transactions */
  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @throws OmniQError `UNSUPPORTED`, `INVALID_OPTION` */
  async insert(transaction: unknown, rows: readonly NewTask[]): Promise<readonly InsertOutcome[]> {
    const { stores, clock } = this.#engine;
    const now = clock.now();
    const envelopes = rows.map((row) => wrapRow(row, now));
    return transactionStore(stores, transaction).insert(envelopes, now);
  }
}
