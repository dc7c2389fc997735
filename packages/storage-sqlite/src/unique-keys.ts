import type { Connection, Statement } from './connection.ts';

const LIVE_HOLDER = `
SELECT (SELECT id FROM omniq_payloads WHERE task = seq) FROM omniq_tasks INDEXED BY omniq_live_keys
WHERE unique_key = ? AND unique_key IS NOT NULL AND unique_until IS NULL AND state < 3`;

const PERIOD_HOLDER = `SELECT task FROM omniq_period_keys WHERE key = ? AND until > ?`;

const HOLD = `
INSERT INTO omniq_period_keys (key, task, until) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET task = excluded.task, until = excluded.until`;

const FORGET = `
DELETE FROM omniq_period_keys WHERE key IN (
  SELECT key FROM omniq_period_keys INDEXED BY omniq_period_keys_by_end WHERE until <= ? ORDER BY until LIMIT 8)`;

/**
 * Who holds which key. A key that is held while its task lives is a unique index over live tasks: every way out of the
 * live states gives it up, and no way back in can forget to take it. A key held for a period has a row of its own, which
 * outlives its task.
 */
export class UniqueKeys {
  readonly #live: Statement;
  readonly #period: Statement;
  readonly #hold: Statement;
  readonly #forget: Statement;

  constructor(db: Connection) {
    this.#live = db.prepare(LIVE_HOLDER).pluck();
    this.#period = db.prepare(PERIOD_HOLDER).pluck();
    this.#hold = db.prepare(HOLD);
    this.#forget = db.prepare(FORGET);
  }

  holder(key: string, now: number): string | undefined {
    return (this.#live.get(key) ?? this.#period.get(key, now)) as string | undefined;
  }

  /** For a key that nobody holds. Takes the chance to forget a few whose time is over. */
  holdUntil(key: string, id: string, until: number, now: number): void {
    this.#forget.run(now);
    this.#hold.run(key, id, until);
  }
}
