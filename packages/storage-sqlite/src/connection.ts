import Database from 'better-sqlite3';
import { OmniQError, isOmniQError } from '@omniq/core/storage';
import { failureOf, isBusy } from './failure.ts';
import type { Location } from './location.ts';

export type Statement = Database.Statement<unknown[], unknown>;

/** How long one try waits inside SQLite, whose own pauses grow to 100 ms: short tries in a row get their turn sooner. */
const TRY_MS = 20;
/** Statements whose text depends on the call: kept, so that the usual ones are prepared once. */
const MAX_SHAPES = 256;

/** One connection: transactions, statements, and errors as users see them. */
export class Connection {
  readonly file: string;
  readonly #db: Database.Database;
  readonly #tries: number;
  readonly #flushes: boolean;
  readonly #begin: Statement;
  readonly #beginWrite: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #version: Statement;
  #lastVersion: unknown;
  readonly #shapes = new Map<string, Statement>();
  /** Connections of the user's in this process, while they have a transaction open that was written to. */
  readonly #guests = new Set<Database.Database>();

  constructor(db: Database.Database, { file, synchronous, busyTimeoutMs }: Location) {
    this.file = file;
    this.#flushes = synchronous === 'full';
    this.#tries = Math.max(1, Math.ceil(busyTimeoutMs / TRY_MS));
    this.#db = db;
    this.#begin = db.prepare('BEGIN');
    this.#beginWrite = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
    this.#version = db.prepare('PRAGMA data_version').pluck();
  }

  /** @throws what better-sqlite3 throws: {@link failureOf} tells what it means */
  static open(location: Location): Connection {
    const { file, synchronous, busyTimeoutMs } = location;
    const db = new Database(file, { timeout: Math.min(TRY_MS, busyTimeoutMs) });
    try {
      db.pragma('journal_mode = WAL');
      db.pragma(`synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'}`);
      db.pragma('cache_size = -32000');
      db.pragma('temp_store = MEMORY');
      // The file may have been written by anybody: its schema runs no functions with side effects.
      db.pragma('trusted_schema = OFF');
      return new Connection(db, location);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /**
   * While this connection of the user's is in a transaction, nothing here waits for a lock: the wait would block the very
   * code that is to commit. The call fails as busy, and is made again later.
   */
  yieldTo(guest: Database.Database): void {
    this.#guests.add(guest);
  }

  prepare(sql: string): Statement {
    return this.#db.prepare(sql);
  }

  /** A statement whose text depends on the call, prepared at its first use. */
  shape(sql: string): Statement {
    const known = this.#shapes.get(sql);
    if (known !== undefined) return known;
    if (this.#shapes.size >= MAX_SHAPES) this.#shapes.clear();
    const statement = this.prepare(sql);
    this.#shapes.set(sql, statement);
    return statement;
  }

  /** Runs several statements that take no parameters. */
  script(sql: string): void {
    this.#db.exec(sql);
  }

  /** Runs `work` in one write transaction: all of it commits, or none if it throws. */
  write<T>(work: () => T): T {
    return this.#transact(this.#beginWrite, work);
  }

  /**
   * Like {@link write}, for what may be lost with the power though not with the process: it waits for no flush. The next
   * write flushes it as well.
   */
  writeUnflushed<T>(work: () => T): T {
    this.#check();
    if (!this.#flushes) return this.write(work);
    this.#db.pragma('synchronous = NORMAL');
    try {
      return this.write(work);
    } finally {
      this.#db.pragma('synchronous = FULL');
    }
  }

  /** Whether another connection has committed anything since this was last asked. */
  hasChanged(): boolean {
    const version = this.read(() => this.#version.get());
    const changed = version !== this.#lastVersion;
    this.#lastVersion = version;
    return changed;
  }

  /** Like {@link write}; left undone if another process holds the lock all the time. */
  writeIfFree(work: () => void): void {
    try {
      this.write(work);
    } catch (error) {
      if (!isOmniQError(error, 'STORE_BUSY')) throw error;
    }
  }

  /** Runs `work` on one snapshot. */
  snapshot<T>(work: () => T): T {
    return this.#transact(this.#begin, work);
  }

  /** Runs `work`, which reads by one statement. */
  read<T>(work: () => T): T {
    this.#check();
    try {
      return this.#patiently(work);
    } catch (error) {
      throw failureOf(error, this.file);
    }
  }

  close(): void {
    this.#db.close();
  }

  #transact<T>(begin: Statement, work: () => T): T {
    this.#check();
    try {
      this.#patiently(() => begin.run());
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      if (this.#db.inTransaction) this.#rollback.run();
      throw failureOf(error, this.file);
    }
  }

  #patiently<T>(work: () => T): T {
    for (let left = this.#tries - 1; ; left -= 1) {
      try {
        return work();
      } catch (error) {
        if (left === 0 || !isBusy(error) || this.#hasGuest()) throw error;
      }
    }
  }

  #hasGuest(): boolean {
    for (const guest of this.#guests) if (!guest.inTransaction) this.#guests.delete(guest);
    return this.#guests.size > 0;
  }

  #check(): void {
    if (this.#db.open) return;
    throw new OmniQError('STORE_CLOSED', `The SQLite database ${this.file} was closed.`, { backend: 'sqlite' });
  }
}
