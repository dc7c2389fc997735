import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import type { Wakes } from './wakes.ts';

const MARK = `insert into @.idle (process, ends) values ($1, $2) on conflict do nothing`;

/**
 * Says in the store that this process has nothing to do, so that whoever has something for it sends a notification: one
 * a batch at most, and none while all are busy.
 */
export class Idle {
  readonly #db: Database;
  readonly #wakes: Wakes;
  readonly #process = randomUUID();
  readonly #marked = new Set<'tasks' | 'ends'>();

  constructor(db: Database, wakes: Wakes) {
    this.#db = db;
    this.#wakes = wakes;
    wakes.onNotified(() => this.#marked.clear());
  }

  /**
   * Waits for tasks to claim, or to end. What came before the mark was seen is found by looking once more, so listeners
   * are woken when it is.
   */
  mark(kind: 'tasks' | 'ends'): void {
    if (!this.#wakes.isListening || this.#marked.has(kind)) return;
    this.#marked.add(kind);
    this.#db.rows(MARK, [this.#process, kind === 'ends']).then(
      () => this.#wakes.wake(),
      // The poll of the core finds it all the same.
      () => this.#marked.delete(kind),
    );
  }
}
