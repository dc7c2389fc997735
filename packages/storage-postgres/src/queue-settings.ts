import { OmniQError, type QueueRow, type QueueSettings } from '@omniq/core/storage';
import type { Database } from './database.ts';

const KNOW = `insert into @.queue (name) select distinct n from unnest($1::text[]) n order by n on conflict do nothing`;

const ALL = `select name as queue, paused from @.queue where configured order by name`;

const CONFIGURE = `
insert into @.queue as q (name, paused, configured) values ($1, coalesce($2::bool, false), true)
on conflict (name) do update set paused = coalesce($2::bool, q.paused), configured = true`;

/** Queues have numbers, made at the first use; and what operators set, which claims read in their own statement. */
export class QueueTable {
  readonly #db: Database;
  readonly #known = new Set<string>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Sees to it that these queues have numbers. Never in a transaction of the user's, which could hold up everybody. */
  async know(queues: Iterable<string>): Promise<void> {
    const unknown = [...new Set(queues)].filter((queue) => !this.#known.has(queue));
    if (unknown.length === 0) return;
    await this.#db.rows(KNOW, [unknown]);
    for (const queue of unknown) this.#known.add(queue);
  }

  async list(): Promise<QueueRow[]> {
    const rows = await this.#db.rows<{ queue: string; paused: boolean }>(ALL, []);
    return rows.map(({ queue, paused }) => ({ queue, paused, concurrency: null, rate: null, perKey: null }));
  }

  /** @throws OmniQError `UNSUPPORTED` for a limit */
  async configure(queue: string, settings: Partial<QueueSettings>): Promise<void> {
    const { paused, concurrency = null, rate = null, perKey = null } = settings;
    if (concurrency !== null || rate !== null || perKey !== null) {
      throw new OmniQError(
        'UNSUPPORTED',
        `The PostgreSQL store keeps no limits, so the queue ${queue} cannot have one.`,
        {
          hint: 'Limit the concurrency of the workers instead.',
          queue,
        },
      );
    }
    await this.#db.rows(CONFIGURE, [queue, paused ?? null]);
  }
}
