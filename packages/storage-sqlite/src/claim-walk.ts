import type { Connection, Statement } from './connection.ts';

const PAUSED = `SELECT queue FROM omniq_queues WHERE paused = 1`;

/** Exported for its plan to be looked at. */
export const NEXT_PRIORITY: string = `
SELECT priority FROM omniq_tasks INDEXED BY omniq_ready
WHERE state = 1 AND behind = 0 AND queue = ? AND priority < ? ORDER BY priority DESC LIMIT 1`;

/** Exported for its plan to be looked at. */
export const DUE: string = `
SELECT t.seq, p.id, t.queue, p.name, t.priority, t.run_at, t.expires_at, p.created_at, t.attempt, t.crashes, t.redrives,
  t.hold_ms, p.body, p.spec
FROM omniq_tasks t INDEXED BY omniq_ready CROSS JOIN omniq_payloads p ON p.task = t.seq
WHERE t.state = 1 AND t.behind = 0 AND t.queue = ? AND t.priority = ? AND t.run_at <= ?
  AND (t.expires_at IS NULL OR t.expires_at > ?)
ORDER BY t.run_at, t.seq LIMIT ?`;

export type DueColumns = readonly [
  seq: number,
  id: string,
  queue: string,
  name: string,
  priority: number,
  runAt: number,
  expiresAt: number | null,
  createdAt: number,
  attempt: number,
  crashes: number,
  redrives: number,
  holdMs: number,
  body: Uint8Array | null,
  spec: Uint8Array | null,
];

const ABOVE_ALL = Number.MAX_SAFE_INTEGER;

/**
 * Finds due tasks, best first. Goes from priority to priority and takes a range of each: tasks that run are not in the
 * index, and future ones of a high priority are stepped over by one probe, however many they are.
 */
export class ClaimWalk {
  readonly #paused: Statement;
  readonly #nextPriority: Statement;
  readonly #due: Statement;

  constructor(db: Connection) {
    this.#paused = db.prepare(PAUSED).pluck();
    this.#nextPriority = db.prepare(NEXT_PRIORITY).pluck();
    this.#due = db.prepare(DUE).raw();
  }

  due(queues: readonly string[], limit: number, now: number): readonly DueColumns[] {
    const paused = new Set(this.#paused.all() as string[]);
    const found: DueColumns[] = [];
    for (const queue of new Set(queues)) if (!paused.has(queue)) this.#collect(found, queue, limit, now);
    return found;
  }

  #collect(found: DueColumns[], queue: string, limit: number, now: number): void {
    let priority: unknown = ABOVE_ALL;
    while (found.length < limit) {
      priority = this.#nextPriority.get(queue, priority);
      if (priority === undefined) return;
      const rows = this.#due.all(queue, priority, now, now, limit - found.length) as DueColumns[];
      found.push(...rows);
    }
  }
}
