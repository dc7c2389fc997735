import type { EventLog } from '../events/event-log.ts';
import type { EventType } from '../model/event.ts';
import { isTerminal, type TerminalState } from '../model/state.ts';
import type { TaskRow } from '../storage/task-row.ts';
import type { Change, ChangeOutcome, TaskStore } from '../storage/task-store.ts';
import type { StoreClock } from './store-clock.ts';

/** A change with what it means, so that whatever follows from it follows wherever it was made. */
export interface Intent {
  readonly change: Change;
  /** `null`: not worth telling. */
  readonly event: EventType | null;
  readonly task: Subject;
  readonly data?: Readonly<Record<string, unknown>>;
}

export type Subject = Pick<TaskRow, 'id' | 'queue' | 'name' | 'lease' | 'redrives'> & {
  readonly correlationId?: string | null;
};

/** What follows from applied changes, beside events. */
export interface Followers {
  /** A task reached a terminal state. */
  ended(id: string): void;
  /** A task became claimable, or will be at `runAt`. */
  waiting(runAt: number): void;
  /** Tasks that others wait for reached terminal states. */
  release(parents: readonly EndedParent[]): Promise<void>;
}

export interface EndedParent {
  readonly id: string;
  readonly state: TerminalState;
}

/** The one way in which the core changes tasks: applies intents and sees to what follows from them. */
export class Committer {
  readonly #store: TaskStore;
  readonly #clock: StoreClock;
  readonly #events: EventLog;
  readonly #followers: Followers;

  constructor(store: TaskStore, clock: StoreClock, events: EventLog, followers: Followers) {
    this.#store = store;
    this.#clock = clock;
    this.#events = events;
    this.#followers = followers;
  }

  async commit(intents: readonly Intent[]): Promise<readonly ChangeOutcome[]> {
    if (intents.length === 0) return [];
    const outcomes = await this.#store.update(
      intents.map(({ change }) => change),
      this.#clock.now(),
    );
    await this.follow(intents, outcomes);
    return outcomes;
  }

  /** For changes that were sent by another way, in a swap. A crash in here loses no release: the sweep finds it. */
  async follow(intents: readonly Intent[], outcomes: readonly ChangeOutcome[]): Promise<void> {
    const parents: EndedParent[] = [];
    for (let index = 0; index < intents.length; index += 1) {
      const outcome = outcomes[index];
      if (outcome?.status === 'applied') this.#followOne(intents[index] as Intent, outcome, parents);
    }
    if (parents.length > 0) await this.#followers.release(parents);
  }

  #followOne({ change, event, task, data }: Intent, outcome: ChangeOutcome, parents: EndedParent[]): void {
    const { state, runAt } = change.set;
    if (state !== undefined && isTerminal(state)) {
      this.#followers.ended(task.id);
      if (outcome.dependents === true) parents.push({ id: task.id, state });
    } else if (state === 'waiting' || 'edge' in change.guard) {
      this.#followers.waiting(runAt ?? 0);
    }
    if (event !== null && this.#events.wants(event)) this.tell(event, task, data);
  }

  tell(type: EventType, task: Subject, data: Readonly<Record<string, unknown>> = {}): void {
    this.#events.emit({
      id: `${task.id}:${task.redrives}:${task.lease}:${type}`,
      type,
      at: this.#clock.now(),
      task: task.id,
      queue: task.queue,
      name: task.name,
      correlationId: task.correlationId ?? task.id,
      data,
    });
  }
}
