import type { QueueRow, QueueSettings } from '@omniq/core/storage';
import { changed, unset } from './queue-settings.ts';
import { earliest, ReadyQueue } from './ready-queue.ts';
import type { TaskRecord } from './task-record.ts';

/** Queues: who waits in each, and what is set for it. */
export class QueueTable {
  readonly #ready = new Map<string, ReadyQueue>();
  readonly #settings = new Map<string, QueueSettings>();
  #waiting = 0;

  /** Tasks that have a place in a line. */
  get waiting(): number {
    return this.#waiting;
  }

  push(task: TaskRecord, now: number): void {
    let queue = this.#ready.get(task.queue);
    if (queue === undefined) {
      queue = new ReadyQueue();
      this.#ready.set(task.queue, queue);
    }
    queue.push(task, now);
    this.#waiting += 1;
  }

  /** Voids the place of a task that stood in the line of this priority. */
  drop(task: TaskRecord, priority: number): void {
    if (task.place === 0) return;
    this.#ready.get(task.queue)?.drop(task, priority);
    this.#waiting -= 1;
  }

  /** Takes out up to `limit` due tasks, best first; paused queues are passed over. */
  take(names: readonly string[], limit: number, now: number): TaskRecord[] {
    const taken: TaskRecord[] = [];
    const left = (): void => void (this.#waiting -= 1);
    for (const name of names) {
      const queue = this.#open(name);
      while (queue !== undefined && taken.length < limit) {
        const task = queue.take(now, left);
        if (task === undefined) break;
        taken.push(task);
      }
    }
    return taken;
  }

  /** How many tasks a claim would find, or more; 0 only if it would find none. */
  due(names: readonly string[], now: number): number {
    let due = 0;
    for (const name of names) due += this.#open(name)?.due(now) ?? 0;
    return due;
  }

  /** When the first task of these queues that is not due at `now` will be. */
  nextDue(names: readonly string[], now: number): number | null {
    return earliest(names.map((name) => this.#ready.get(name)?.nextDue(now) ?? null));
  }

  configure(queue: string, settings: Partial<QueueSettings>): void {
    this.#settings.set(queue, changed(this.#settings.get(queue) ?? unset, settings));
  }

  rows(): QueueRow[] {
    return Array.from(this.#settings, ([queue, settings]) => ({ queue, ...settings }));
  }

  #open(name: string): ReadyQueue | undefined {
    return this.#settings.get(name)?.paused === true ? undefined : this.#ready.get(name);
  }
}
