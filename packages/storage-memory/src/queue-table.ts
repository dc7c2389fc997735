import type { QueueRow, QueueSettings } from '@omniq/core/storage';
import { earliest, ReadyQueue } from './ready-queue.ts';
import type { TaskRecord } from './task-record.ts';

const unset: QueueSettings = { paused: false, concurrency: null, rate: null, perKey: null };

/** Queues: who waits in each, and what is set for it. */
export class QueueTable {
  readonly #ready = new Map<string, ReadyQueue>();
  readonly #settings = new Map<string, QueueSettings>();

  push(task: TaskRecord, now: number): void {
    let queue = this.#ready.get(task.queue);
    if (queue === undefined) {
      queue = new ReadyQueue();
      this.#ready.set(task.queue, queue);
    }
    queue.push(task, now);
  }

  drop(task: TaskRecord): void {
    this.#ready.get(task.queue)?.drop(task);
  }

  /** Takes out up to `limit` due tasks, best first; paused queues are passed over. */
  take(names: readonly string[], limit: number, now: number): TaskRecord[] {
    const taken: TaskRecord[] = [];
    for (const name of names) {
      if (this.#settings.get(name)?.paused === true) continue;
      const queue = this.#ready.get(name);
      while (queue !== undefined && taken.length < limit) {
        const task = queue.take(now);
        if (task === undefined) break;
        taken.push(task);
      }
    }
    return taken;
  }

  /** When the first task of these queues that is not due at `now` will be. */
  nextDue(names: readonly string[], now: number): number | null {
    return earliest(names.map((name) => this.#ready.get(name)?.nextDue(now) ?? null));
  }

  configure(queue: string, settings: Partial<QueueSettings>): void {
    this.#settings.set(queue, { ...unset, ...this.#settings.get(queue), ...settings });
  }

  rows(): QueueRow[] {
    return Array.from(this.#settings, ([queue, settings]) => ({ queue, ...settings }));
  }
}
