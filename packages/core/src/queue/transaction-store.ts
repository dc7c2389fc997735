import { OmniQError } from '../errors.ts';
import type { TransactionStore } from '../storage/task-store.ts';
import type { Stores } from './stores.ts';

/** The task store inside a transaction of the user's. @throws OmniQError `UNSUPPORTED`, `INVALID_OPTION` */
export function transactionStore({ tasks }: Stores, transaction: unknown): TransactionStore {
  if (tasks.capabilities.transactions && tasks.within !== undefined) return tasks.within(transaction);
  throw new OmniQError('UNSUPPORTED', "The task store takes part in no transaction of the user's.", {
    hint: 'Keep tasks in Postgres or SQLite, or put an outbox there.',
  });
}
