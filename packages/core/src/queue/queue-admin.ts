import type { EventType } from '../model/event.ts';
import { checkName } from '../storage/names.ts';
import type { QueueSettings } from '../storage/task-store.ts';
import type { TaskState } from '../model/state.ts';
import type { Engine } from './engine.ts';

export interface QueueSummary extends QueueSettings {
  readonly name: string;
  /** Tasks by state; states without any are left out. */
  readonly counts: Readonly<Partial<Record<TaskState, number>>>;
}

const unset: QueueSettings = { paused: false, concurrency: null, rate: null, perKey: null };

/** Queues as operators see them: made by the first task or setting, one truth for all workers. */
export class QueueAdmin {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** All queues that have tasks or settings, by name. */
  async list(): Promise<readonly QueueSummary[]> {
    const { stores, clock } = this.#engine;
    const [settings, counts] = await Promise.all([stores.tasks.queues(), stores.tasks.count(clock.now())]);
    const queues = new Map<string, QueueSettings & { counts: Partial<Record<TaskState, number>> }>();
    for (const { queue, ...row } of settings) queues.set(queue, { ...row, counts: {} });
    for (const { queue, state, count } of counts) {
      const summary = queues.get(queue) ?? { ...unset, counts: {} };
      summary.counts[state] = count;
      queues.set(queue, summary);
    }
    return [...queues].map(([name, summary]) => ({ name, ...summary })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** No task of the queue starts once this resolves; what runs goes on. */
  async pause(queue: string): Promise<void> {
    await this.#configure(queue, { paused: true }, 'QUEUE_PAUSED');
  }

  async resume(queue: string): Promise<void> {
    await this.#configure(queue, { paused: false }, 'QUEUE_RESUMED');
    this.#engine.wake(0);
  }

  async #configure(queue: string, settings: Partial<QueueSettings>, type: EventType): Promise<void> {
    checkName(queue, 'queue');
    const { stores, clock, events } = this.#engine;
    await stores.tasks.configure(queue, settings);
    const at = clock.now();
    if (events.wants(type)) {
      events.emit({
        id: `${queue}:${type}:${at}`,
        type,
        at,
        task: null,
        queue,
        name: null,
        correlationId: null,
        data: {},
      });
    }
  }
}
