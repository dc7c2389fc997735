import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OmniQError } from '@omniq/core/storage';
import Sqlite, { type Database, type Statement } from 'better-sqlite3';
import { failure } from './failures.ts';
import { migrate } from './migrate.ts';

export interface ConnectionOptions { readonly synchronous: 'full' | 'normal'; readonly busyTimeoutMs: number }
const CREATE_SESSIONS = `
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, process_start TEXT NOT NULL, opened_at INTEGER NOT NULL,
  beat_at INTEGER NOT NULL, beats INTEGER NOT NULL, ended INTEGER NOT NULL) STRICT, WITHOUT ROWID`;
export class Connection {
  readonly file: string; readonly db: Database; readonly sessions: Database;
  readonly #listeners = new Set<() => void>();
  readonly #begin: Statement; readonly #commit: Statement; readonly #rollback: Statement; readonly #clock: Statement;
  constructor(file: string, options: ConnectionOptions) {
    this.file = file === ':memory:' ? file : resolve(file);
    try {
      this.db = open(this.file, options, options.synchronous);
      migrate(this.db);
      this.sessions = this.isMemory ? this.db : open(`${this.file}-sessions`, options, 'normal');
      this.sessions.exec(CREATE_SESSIONS);
    } catch (error) { throw failure(error, this.file); }
    this.#begin = this.db.prepare('BEGIN IMMEDIATE'); this.#commit = this.db.prepare('COMMIT'); this.#rollback = this.db.prepare('ROLLBACK');
    this.#clock = this.db.prepare("SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)").pluck();
  }
  get isMemory(): boolean { return this.file === ':memory:'; }
  write<T>(work: () => T): T {
    try {
      this.#begin.run();
      try { const made = work(); this.#commit.run(); return made; } catch (error) { if (this.db.inTransaction) this.#rollback.run(); throw error; }
    } catch (error) { throw failure(error, this.file); }
  }
  read<T>(work: () => T): T { try { return work(); } catch (error) { throw failure(error, this.file); } }
  time(): number { return this.read(() => this.#clock.get() as number); }
  checkClock(now: number): void {
    const time = this.#clock.get() as number;
    if (now <= time + 1000) return;
    throw new OmniQError('CLOCK_SKEW', `The time ${now} is ${now - time} ms ahead of the clock of ${this.file}.`);
  }
  notify(): void { for (const listener of this.#listeners) listener(); }
  listen(listener: () => void): () => void { this.#listeners.add(listener); return () => this.#listeners.delete(listener); }
  close(): void { this.#listeners.clear(); this.sessions.close(); this.db.close(); }
}
function open(file: string, { busyTimeoutMs }: ConnectionOptions, synchronous: string): Database {
  if (file !== ':memory:' && !existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true });
  const db = new Sqlite(file, { timeout: busyTimeoutMs });
  db.pragma('journal_mode = WAL'); db.pragma(`synchronous = ${synchronous}`); db.pragma('temp_store = memory'); db.pragma('cache_size = -65536');
  return db;
}
