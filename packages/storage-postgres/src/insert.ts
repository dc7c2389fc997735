import { OmniQError, type InsertOutcome, type NewTask } from '@omniq/core/storage';
import { BoundInserts, Overtaken } from './bound-inserts.ts';
import type { Database, Runner } from './database.ts';
import { arePlain, PlainInserts } from './plain-inserts.ts';
import type { QueueTable } from './queue-settings.ts';

const KNOWN = `select id, coalesce(gone_until <= $2, false) as free from @.task where id = any($1::text[])`;

/** Plain rows wake by themselves. */
const WAKE = `select @.wake(true, false)`;

const WAKE_WITHIN = `select pg_notify('@channel', '')`;

const MAX_TRIES = 5;

const inserted: InsertOutcome = { status: 'inserted', settled: false };

const SAVEPOINT = `savepoint omniq_insert`;
const ROLLBACK_TO = `rollback to savepoint omniq_insert`;
const RELEASE = `release savepoint omniq_insert`;

/** Inserts tasks: plain ones by one statement, others in a short transaction. */
export class Inserts {
  readonly #db: Database;
  readonly #queues: QueueTable;
  readonly #plainInserts = new PlainInserts();

  constructor(db: Database, queues: QueueTable) {
    this.#db = db;
    this.#queues = queues;
  }

  async insert(rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    await this.#queues.know(rows.map(({ queue }) => queue));
    if (arePlain(rows)) {
      const outcomes = await this.#plain(this.#db, rows, now);
      if (outcomes !== undefined) return outcomes;
    }
    return this.#again(() =>
      this.#db.transaction(async (on) => {
        const outcomes = await new BoundInserts(on, now).insert(rows);
        await on.rows(WAKE, []);
        return outcomes;
      }),
    );
  }

  /** In a transaction of the user's, where a failure that can be repeated must not end all. */
  async insertWithin(on: Runner, rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    await this.#queues.know(rows.map(({ queue }) => queue));
    if (arePlain(rows)) {
      const outcomes = await this.#plain(on, rows, now);
      if (outcomes !== undefined) return outcomes;
    }
    return this.#again(() => this.#boundWithin(on, rows, now));
  }

  /** Before a transaction of this store that inserts rows of these queues. */
  async prepare(rows: readonly NewTask[]): Promise<void> {
    if (rows.length > 0) await this.#queues.know(rows.map(({ queue }) => queue));
  }

  async #boundWithin(on: Runner, rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    await on.rows(SAVEPOINT, []);
    try {
      const outcomes = await new BoundInserts(on, now).insert(rows);
      await on.rows(WAKE_WITHIN, []);
      await on.rows(RELEASE, []);
      return outcomes;
    } catch (error) {
      if (error instanceof Overtaken) await on.rows(ROLLBACK_TO, []);
      throw error;
    }
  }

  /** `undefined` where an id was removed so long ago that it is free again: that takes the longer way. */
  async #plain(on: Runner, rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[] | undefined> {
    const own = on === this.#db;
    const refused = await (own ? this.#plainInserts.insert(on, rows, now) : this.#plainInserts.within(on, rows, now));
    if (refused.size === 0) return rows.map(() => inserted);
    const found = await on.rows<{ id: string; free: boolean }>(KNOWN, [[...refused], now]);
    if (found.some(({ free }) => free)) return this.#merge(on, rows, now, refused);
    const known = new Set(found.map(({ id }) => id));
    return rows.map(({ id }) => (refused.has(id) ? { status: known.has(id) ? 'exists' : 'late' } : inserted));
  }

  /** What is in already stays; the rest takes the longer way. */
  async #merge(
    on: Runner,
    rows: readonly NewTask[],
    now: number,
    refused: ReadonlySet<string>,
  ): Promise<readonly InsertOutcome[]> {
    const rest = rows.filter(({ id }) => refused.has(id));
    const insert = (tx: Runner): Promise<readonly InsertOutcome[]> => new BoundInserts(tx, now).insert(rest);
    const outcomes = await this.#again(() =>
      on === this.#db ? this.#db.transaction(insert) : this.#boundWithin(on, rest, now),
    );
    const byId = new Map(rest.map(({ id }, n) => [id, outcomes[n] as InsertOutcome]));
    return rows.map(({ id }) => byId.get(id) ?? inserted);
  }

  async #again<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
        if (tries < MAX_TRIES) continue;
        throw new OmniQError('STORE_BUSY', 'Others inserted the same ids at the same time.', { backend: 'postgres' });
      }
    }
  }
}
