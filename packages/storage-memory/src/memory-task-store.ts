import type {
  BeatReply,
  Capabilities,
  Change,
  ChangeOutcome,
  ClaimedTask,
  ClaimRequest,
  EdgePage,
  EdgeQuery,
  HistoryRecord,
  InsertOutcome,
  NewSession,
  NewTask,
  QueueRow,
  QueueSettings,
  SessionRow,
  SwapOutcome,
  TaskCount,
  TaskPage,
  TaskQuery,
  TaskRow,
  TaskStore,
} from '@omniq/core/storage';
import type { Bells } from './bells.ts';
import { Connection } from './connection.ts';
import type { TaskMachine } from './task-machine.ts';
import { rowOf } from './task-record.ts';

export const capabilities: Capabilities = {
  durable: false,
  shared: 'process',
  order: 'strict',
  clock: false,
  watch: true,
  results: true,
  then: true,
  transactions: false,
  uniqueKeys: true,
  orderKeys: false,
  limits: false,
};

/** One opening of a {@link TaskMachine}: its verbs behind the contract, and the waking of those who wait. */
export class MemoryTaskStore implements TaskStore {
  readonly capabilities: Capabilities = capabilities;
  readonly #machine: TaskMachine;
  readonly #bells: Bells;
  readonly #connection = new Connection(() => this.#unwatch.forEach((stop) => stop()));
  readonly #unwatch = new Set<() => void>();

  constructor(machine: TaskMachine, bells: Bells) {
    this.#machine = machine;
    this.#bells = bells;
  }

  async insert(rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    const machine = this.#open();
    const outcomes = machine.insert(rows, now);
    this.#bells.ring();
    return outcomes;
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    return this.#open().claim(request);
  }

  async update(changes: readonly Change[], now: number): Promise<readonly ChangeOutcome[]> {
    const outcomes = this.#open().update(changes, now);
    this.#ringFor(changes);
    return outcomes;
  }

  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome> {
    const machine = this.#open();
    // One commit: a claim that would be refused leaves the changes undone as well.
    machine.sessions.live(request.session);
    const outcomes = machine.update(changes, request.now);
    const claimed = machine.claim(request);
    this.#ringFor(changes);
    return { outcomes, claimed };
  }

  async get(ids: readonly string[]): Promise<readonly (TaskRow | undefined)[]> {
    const { tasks } = this.#open();
    return ids.map((id) => {
      const task = tasks.get(id);
      return task === undefined ? undefined : rowOf(task);
    });
  }

  async list(query: TaskQuery): Promise<TaskPage> {
    return this.#open().tasks.list(query);
  }

  async count(now: number): Promise<readonly TaskCount[]> {
    return this.#open().tasks.count(now);
  }

  async remove(ids: readonly string[], rememberUntil: number): Promise<number> {
    return this.#open().remove(ids, rememberUntil);
  }

  async edges(query: EdgeQuery): Promise<EdgePage> {
    const { edges, tasks } = this.#open();
    const page = edges.page(query);
    const items = page.slice(0, query.limit).map(({ child, parent, policy }) => {
      return { child, parent, policy, parentState: tasks.get(parent)?.state ?? 'completed' };
    });
    const last = page[query.limit - 1];
    return page.length > query.limit && last !== undefined ? { items, next: String(last.seq) } : { items };
  }

  async history(id: string): Promise<readonly HistoryRecord[]> {
    return [...(this.#open().tasks.get(id)?.records ?? [])];
  }

  async open(session: NewSession, now: number): Promise<void> {
    this.#open().sessions.open(session, now);
  }

  async beat(session: string, now: number): Promise<BeatReply> {
    return this.#open().sessions.beat(session, now);
  }

  async sessions(): Promise<readonly SessionRow[]> {
    return this.#open().sessions.list();
  }

  async end(session: string, beats?: number): Promise<boolean> {
    return this.#open().sessions.end(session, beats);
  }

  async queues(): Promise<readonly QueueRow[]> {
    return this.#open().queues.rows();
  }

  async configure(queue: string, settings: Partial<QueueSettings>): Promise<void> {
    this.#open().queues.configure(queue, settings);
    if (settings.paused === false) this.#bells.ring();
  }

  async nextDue(queues: readonly string[], now: number): Promise<number | null> {
    return this.#open().queues.nextDue(queues, now);
  }

  watch(wake: () => void): () => void {
    this.#open();
    const stop = this.#bells.add(wake);
    this.#unwatch.add(stop);
    return () => {
      this.#unwatch.delete(stop);
      stop();
    };
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #open(): TaskMachine {
    this.#connection.check();
    return this.#machine;
  }

  #ringFor(changes: readonly Change[]): void {
    const moves = ({ guard, set, then }: Change): boolean =>
      'edge' in guard ||
      then !== undefined ||
      set.state !== undefined ||
      set.runAt !== undefined ||
      set.expiresAt !== undefined;
    if (changes.some(moves)) this.#bells.ring();
  }
}
