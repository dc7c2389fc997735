import { OmniQError, type Change, type InsertOutcome, type NewTask, type TransactionStore } from '@omniq/core/storage';
import { Overtaken } from './bound-inserts.ts';
import type { Database, Runner } from './database.ts';
import { sqlStateOf } from './failure.ts';
import type { Inserts } from './insert.ts';
import { LockedChanges } from './locked-changes.ts';

const WAKE = `select pg_notify('@channel', '')`;

/** The error is the server's, inside the transaction: no COMMIT can follow it. */
const REFUSE = `select @.refuse()`;

const LOCK_TIMEOUT = `
select current_setting('lock_timeout') as before,
  set_config('lock_timeout', case when current_setting('lock_timeout') = '0' then $1 else current_setting('lock_timeout') end, true)`;

const RESTORE = `select set_config('lock_timeout', $1, true)`;

/** A transaction as its user holds it: a client of pg, or anything that runs a statement on one. */
export interface PostgresTransaction {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Writes tasks inside transactions of the user's. */
export class Transactions {
  readonly #db: Database;
  readonly #inserts: Inserts;
  readonly #lockTimeoutMs: number;

  constructor(db: Database, inserts: Inserts, lockTimeoutMs: number) {
    this.#db = db;
    this.#inserts = inserts;
    this.#lockTimeoutMs = lockTimeoutMs;
  }

  within(given: unknown): TransactionStore {
    return {
      insert: async (rows, now) => this.#insert(this.#admit(given), rows, now),
      complete: async (change, now) => this.#complete(this.#admit(given), change, now),
    };
  }

  /** Locks are waited for, but not for ever; the user's own setting is put back. */
  async #bounded<T>(on: Runner, work: () => Promise<T>): Promise<T> {
    const [row] = await on.rows<{ before: string }>(LOCK_TIMEOUT, [`${this.#lockTimeoutMs}`]);
    const result = await work();
    await on.rows(RESTORE, [row?.before ?? '0']);
    return result;
  }

  async #insert(on: Runner, rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    if (rows.length === 0) return [];
    return this.#bounded(on, () => this.#inserts.insertWithin(on, rows, now));
  }

  async #complete(on: Runner, change: Change, now: number): Promise<void> {
    await this.#inserts.prepare(change.then ?? []);
    const [outcome] = await this.#bounded(on, () => applyOne(on, change, now));
    if (outcome?.status === 'applied') {
      await on.rows(WAKE, []);
      return;
    }
    try {
      await on.rows(REFUSE, []);
    } catch (cause) {
      if (sqlStateOf(cause) !== 'OQ002') throw cause;
      throw new OmniQError('LEASE_LOST', `The task ${change.id} is not held under this lease; the transaction ends.`, {
        id: change.id,
        cause,
      });
    }
  }

  #admit(given: unknown): Runner {
    const { query } = (typeof given === 'object' && given !== null ? given : {}) as Partial<PostgresTransaction>;
    if (typeof query === 'function') {
      return this.#db.foreign((text, values) => (given as PostgresTransaction).query(text, values));
    }
    throw new OmniQError('INVALID_OPTION', 'What was given is no transaction on PostgreSQL.', {
      hint: 'Give the client of pg on which BEGIN was run, or an object with query(text, values).',
      backend: 'postgres',
    });
  }
}

async function applyOne(on: Runner, change: Change, now: number): Promise<readonly { readonly status: string }[]> {
  try {
    return await new LockedChanges(on, now).apply([change]);
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    throw new OmniQError('STORE_BUSY', 'Others inserted the same ids at the same time.', { backend: 'postgres' });
  }
}
