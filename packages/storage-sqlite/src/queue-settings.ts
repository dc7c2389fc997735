import { OmniQError, type QueueRow, type QueueSettings } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';

const ALL = `SELECT queue, paused FROM omniq_queues ORDER BY queue`;

const CONFIGURE = `
INSERT INTO omniq_queues (queue, paused) VALUES (@queue, coalesce(@paused, 0))
ON CONFLICT (queue) DO UPDATE SET paused = coalesce(@paused, paused)`;

/** What operators set per queue; claims read it in their own transaction. */
export class QueueTable {
  readonly #db: Connection;
  readonly #all: Statement;
  readonly #configure: Statement;

  constructor(db: Connection) {
    this.#db = db;
    this.#all = db.prepare(ALL).raw();
    this.#configure = db.prepare(CONFIGURE);
  }

  list(): readonly QueueRow[] {
    const rows = this.#db.read(() => this.#all.all() as [queue: string, paused: number][]);
    return rows.map(([queue, paused]) => ({
      queue,
      paused: paused === 1,
      concurrency: null,
      rate: null,
      perKey: null,
    }));
  }

  /** @throws OmniQError `UNSUPPORTED` for a limit */
  configure(queue: string, settings: Partial<QueueSettings>): void {
    const { paused, concurrency = null, rate = null, perKey = null } = settings;
    if (concurrency !== null || rate !== null || perKey !== null) {
      throw new OmniQError('UNSUPPORTED', `The SQLite store keeps no limits, so the queue ${queue} cannot have one.`, {
        hint: 'Limit the concurrency of the workers instead.',
        queue,
      });
    }
    this.#db.write(() => this.#configure.run({ queue, paused: paused === undefined ? null : Number(paused) }));
  }
}
