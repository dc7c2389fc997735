import { realpathSync } from 'node:fs';
import type Database from 'better-sqlite3';
import {
  OmniQError,
  systemAmbient,
  type Change,
  type InsertOutcome,
  type NewTask,
  type TransactionStore,
} from '@omniq/core/storage';
import { Connection } from './connection.ts';
import { Edges } from './edges.ts';
import { failureOf } from './failure.ts';
import { HeldLeases } from './held-leases.ts';
import { Inserts } from './insert.ts';
import { OrderKeys } from './order-keys.ts';
import { ResultRows } from './result-rows.ts';
import { StoreClock } from './store-clock.ts';
import { UniqueKeys } from './unique-keys.ts';
import { Updates } from './update.ts';
import type { Wakes } from './wakes.ts';

/** After the last write in a transaction its end is looked for so soon, and then half as often each time. */
const FIRST_LOOK_MS = 1;
const LAST_LOOK_MS = 1_000;

/** The verbs that a transaction has, prepared on a connection of the user's. */
interface Verbs {
  readonly clock: StoreClock;
  readonly inserts: Inserts;
  readonly updates: Updates;
}

/** Writes tasks on connections of the user's, inside the transactions that are open there. */
export class Transactions {
  readonly #main: Connection;
  readonly #wakes: Wakes;
  readonly #verbs = new WeakMap<Database.Database, Verbs>();
  readonly #looking = new WeakSet<Database.Database>();

  constructor(main: Connection, wakes: Wakes) {
    this.#main = main;
    this.#wakes = wakes;
  }

  /** @param given a `Database` of better-sqlite3, open on the same file, with a transaction begun */
  within(given: unknown): TransactionStore {
    return {
      insert: async (rows, now) => this.#insert(this.#admit(given), rows, now),
      complete: async (change, now) => this.#complete(this.#admit(given), change, now),
    };
  }

  #insert(db: Database.Database, rows: readonly NewTask[], now: number): readonly InsertOutcome[] {
    return this.#write(db, ({ clock, inserts }) => inserts.insert(rows, now, clock.check(now)));
  }

  #complete(db: Database.Database, change: Change, now: number): void {
    const [outcome] = this.#write(db, ({ clock, updates }) => {
      clock.check(now);
      return updates.apply([change], now);
    });
    if (outcome?.status === 'applied') return;
    // What the handler wrote goes with it: its COMMIT finds no transaction.
    db.exec('ROLLBACK');
    throw new OmniQError(
      'LEASE_LOST',
      `The task ${change.id} is not held under this lease; the transaction was rolled back.`,
      {
        id: change.id,
      },
    );
  }

  #write<T>(db: Database.Database, work: (verbs: Verbs) => T): T {
    this.#main.yieldTo(db);
    try {
      return work(this.#verbsOf(db));
    } catch (error) {
      throw failureOf(error, this.#main.file);
    } finally {
      this.#ringAfter(db);
    }
  }

  #verbsOf(db: Database.Database): Verbs {
    const known = this.#verbs.get(db);
    if (known !== undefined) return known;
    const connection = new Connection(db, { file: this.#main.file, synchronous: 'full', busyTimeoutMs: 0 });
    const [keys, order, results] = [new UniqueKeys(connection), new OrderKeys(connection), new ResultRows(connection)];
    const inserts = new Inserts(connection, keys, order);
    const edges = new Edges(connection);
    const updates = new Updates(connection, { inserts, keys, order, edges, results, held: new HeldLeases() });
    const verbs = { clock: new StoreClock(connection), inserts, updates };
    this.#verbs.set(db, verbs);
    return verbs;
  }

  /** Nobody tells of the end of a user's transaction, so it is looked for. A wake too many does no harm. */
  #ringAfter(db: Database.Database): void {
    if (this.#looking.has(db)) return;
    this.#looking.add(db);
    const look = (ms: number): void => {
      if (db.inTransaction && ms < LAST_LOOK_MS) return lookAfter(2 * ms);
      this.#looking.delete(db);
      this.#wakes.committed();
    };
    const lookAfter = (ms: number): void => void systemAmbient.timers.after(ms, () => look(ms), 'background');
    lookAfter(FIRST_LOOK_MS);
  }

  #admit(given: unknown): Database.Database {
    if (isDatabase(given) && given.inTransaction && fileOf(given) === realpathSync(this.#main.file)) return given;
    throw new OmniQError('INVALID_OPTION', `What was given is no transaction on ${this.#main.file}.`, {
      hint: 'Give the Database of better-sqlite3 that is open on this file, after BEGIN IMMEDIATE.',
      backend: 'sqlite',
    });
  }
}

function isDatabase(given: unknown): given is Database.Database {
  const db = given as Partial<Database.Database> | null;
  return typeof db === 'object' && typeof db?.prepare === 'function' && typeof db.pragma === 'function';
}

function fileOf(db: Database.Database): string | null {
  const [main] = db.pragma('database_list') as { readonly file: string }[];
  return main === undefined || main.file === '' ? null : realpathSync(main.file);
}
