import type { UniqueKey } from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';

const HOLDER = `SELECT id FROM uniques WHERE key = ? AND (until IS NULL OR until > ?)`;
const TAKE = `INSERT OR REPLACE INTO uniques VALUES (?, ?, ?)`;
const GIVE_UP = `DELETE FROM uniques WHERE id = ? AND until IS NULL`;
const FORGET = `DELETE FROM uniques WHERE id = ?`;
const ANY = `SELECT EXISTS (SELECT 1 FROM uniques)`;
const OF_TASK = `SELECT unique_key, unique_until FROM tasks WHERE id = ?`;

/** Who holds which unique key. All inside a write transaction. */
export class UniqueKeys {
  readonly #holder: Statement;
  readonly #take: Statement;
  readonly #giveUp: Statement;
  readonly #forget: Statement;
  readonly #any: Statement;
  readonly #ofTask: Statement;

  constructor({ db }: Connection) {
    this.#holder = db.prepare(HOLDER).pluck();
    this.#take = db.prepare(TAKE);
    this.#giveUp = db.prepare(GIVE_UP);
    this.#forget = db.prepare(FORGET);
    this.#any = db.prepare(ANY).pluck();
    this.#ofTask = db.prepare(OF_TASK);
  }

  /** Whether there is any key at all: asked once a batch, most have none. */
  any(): boolean {
    return this.#any.get() === 1;
  }

  holder(key: string, now: number): string | undefined {
    return this.#holder.get(key, now) as string | undefined;
  }

  take({ key, until }: UniqueKey, id: string): void {
    this.#take.run(key, id, until);
  }

  /** The task has ended: a live key is free again, one for a period stays. */
  giveUp(id: string): void {
    this.#giveUp.run(id);
  }

  forget(id: string): void {
    this.#forget.run(id);
  }

  /** An ended task comes back: returns who holds its live key meanwhile, else takes it. */
  takeBack(id: string, now: number): string | undefined {
    const { unique_key: key, unique_until: until } = this.#ofTask.get(id) as { unique_key: string | null; unique_until: number | null };
    if (key === null || until !== null) return undefined;
    const holder = this.holder(key, now);
    if (holder === undefined) this.take({ key, until: null }, id);
    return holder === id ? undefined : holder;
  }
}
