import type { QueueRow, QueueSettings } from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';

const ALL = `SELECT queue, settings FROM queues ORDER BY queue`;
const MERGE = `INSERT INTO queues VALUES (?, json_patch(?, ?))
  ON CONFLICT (queue) DO UPDATE SET settings = json_patch(settings, excluded.settings)`;

const unset: QueueSettings = { paused: false, concurrency: null, rate: null, perKey: null };

/** Settings of queues, merged by SQLite itself so that two administrators at once lose nothing. */
export class QueueTable {
  readonly #all: Statement;
  readonly #merge: Statement;

  constructor({ db }: Connection) {
    this.#all = db.prepare(ALL);
    this.#merge = db.prepare(MERGE);
  }

  all(): readonly QueueRow[] {
    const rows = this.#all.all() as { queue: string; settings: string }[];
    return rows.map(({ queue, settings }) => ({ ...unset, ...(JSON.parse(settings) as Partial<QueueSettings>), queue }));
  }

  configure(queue: string, settings: Partial<QueueSettings>): void {
    this.#merge.run(queue, '{}', JSON.stringify(settings));
  }
}
