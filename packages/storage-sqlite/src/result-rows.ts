import type { ResultKey, StoredResult } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';

const PUT = `
INSERT INTO omniq_results (id, lease, expires_at, value) VALUES (?, ?, ?, ?)
ON CONFLICT (id, lease) DO UPDATE SET expires_at = excluded.expires_at, value = excluded.value`;

const GET = `SELECT value FROM omniq_results WHERE id = ? AND lease = ? AND (expires_at IS NULL OR expires_at > ?)`;

const REMOVE = `DELETE FROM omniq_results WHERE id = ? AND lease < ?`;

const EXPIRED = `
SELECT id, lease FROM omniq_results INDEXED BY omniq_results_by_end
WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?`;

const DELETE = `DELETE FROM omniq_results WHERE id = ? AND lease = ?`;

/** Results by task and lease, inside a transaction of the caller's. */
export class ResultRows {
  readonly #put: Statement;
  readonly #get: Statement;
  readonly #remove: Statement;
  readonly #expired: Statement;
  readonly #delete: Statement;

  constructor(db: Connection) {
    this.#put = db.prepare(PUT);
    this.#get = db.prepare(GET).pluck();
    this.#remove = db.prepare(REMOVE);
    this.#expired = db.prepare(EXPIRED).raw();
    this.#delete = db.prepare(DELETE);
  }

  put({ id, lease, expiresAt, value }: StoredResult): void {
    this.#put.run(id, lease, expiresAt, value);
  }

  get({ id, lease }: ResultKey, now: number): Uint8Array | undefined {
    return this.#get.get(id, lease, now) as Uint8Array | undefined;
  }

  remove(id: string, below: number = Number.MAX_SAFE_INTEGER): void {
    this.#remove.run(id, below);
  }

  sweep(now: number, limit: number): number {
    const expired = this.#expired.all(now, limit) as [id: string, lease: number][];
    for (const [id, lease] of expired) this.#delete.run(id, lease);
    return expired.length;
  }
}
