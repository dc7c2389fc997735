import { createHash } from 'node:crypto';
import type {
  ClaimRequest,
  EdgePage,
  EdgeQuery,
  QueueRow,
  ResultKey,
  ScheduleQuery,
  SessionRow,
  TaskCount,
  TaskQuery,
} from '@omniq/core/storage';
import { assertCommand } from './assert-command.ts';
import type { Answers, Command, HeldRecord, HeldRow, Outcome, Refusal } from './command.ts';
import { decodeMachine } from './decode-machine.ts';
import { encodeMachine, type EncodedMachine } from './encode-machine.ts';
import type { Bytes } from './piece.ts';
import { atOnce } from './at-once.ts';
import { Refused } from './refuse.ts';
import type { StoredHeldSchedule } from './schedule-table.ts';
import type { Steps } from './steps.ts';
import { claimOf, rowOf } from './task-record.ts';
import { TaskTables } from './task-tables.ts';

/** How far a command's `now` may be ahead of the log's clock, in ms. */
const SKEW_MS = 1_000;

/**
 * The task machine: every verb of the contract as a command, and the outcome of each a function of the state and the
 * command alone. Whoever applies the same commands in the same order has the same machine.
 */
export class TaskMachine {
  readonly #tables: TaskTables;

  constructor(tables: TaskTables = new TaskTables()) {
    this.#tables = tables;
  }

  /** @throws OmniQError `STORE_CORRUPT` where the bytes are no snapshot */
  static restore(bytes: Uint8Array): TaskMachine {
    return atOnce(TaskMachine.restoring(bytes));
  }

  /** {@link restore} in steps. */
  static *restoring(bytes: Uint8Array): Steps<TaskMachine> {
    return new TaskMachine(yield* decodeMachine(bytes));
  }

  /** The whole state. Equal states have equal bytes. */
  snapshot(): Uint8Array {
    return Buffer.concat(atOnce(this.freezing()).parts);
  }

  /** {@link snapshot} in steps: the state as it is at the first of them, whatever is applied before the last. So many rows each. */
  freezing(rows?: number): Steps<EncodedMachine> {
    return encodeMachine(this.#tables, rows);
  }

  /** Of the whole state, however it was reached. */
  hash(): string {
    return createHash('sha256').update(this.snapshot()).digest('hex');
  }

  /**
   * Applies a command. Never throws: what cannot be done is refused, and leaves the state as it was.
   * @param time the log's own time, or `null` where it has no clock
   * @param isOurs whether anybody here waits for the tasks that a claim leased; for others they are not listed
   */
  apply<C extends Command>(command: C, time: number | null, isOurs = true): Outcome<C['verb']> {
    try {
      assertCommand(command);
      const now = nowOf(command);
      if (time !== null && now !== null && now > time + SKEW_MS)
        return refused({ code: 'CLOCK_SKEW', message: ahead(now - time), details: {} });
      return { answer: this.#perform(command, time ?? 0, isOurs) as Answers[C['verb']] };
    } catch (error) {
      if (error instanceof Refused) return refused(error.refusal);
      return refused({ code: 'INVALID_INPUT', message: `The command is not valid: ${String(error)}`, details: {} });
    }
  }

  row(id: string): HeldRow | undefined {
    const task = this.#tables.tasks.get(id);
    return task === undefined ? undefined : rowOf(task);
  }

  list(query: TaskQuery): { items: readonly HeldRow[]; next?: string } {
    return this.#tables.tasks.list(query);
  }

  count(now: number): readonly TaskCount[] {
    return this.#tables.tasks.count(now);
  }

  edges(query: EdgeQuery): EdgePage {
    const { edges, tasks } = this.#tables;
    const page = edges.page(query);
    const items = page.slice(0, query.limit).map(({ child, parent, policy }) => {
      return { child, parent, policy, parentState: tasks.get(parent)?.state ?? 'completed' };
    });
    const last = page[query.limit - 1];
    return page.length > query.limit && last !== undefined ? { items, next: String(last.seq) } : { items };
  }

  history(id: string): readonly HeldRecord[] {
    return [...(this.#tables.tasks.get(id)?.rare.records ?? [])];
  }

  sessions(): readonly SessionRow[] {
    return this.#tables.sessions.list();
  }

  queues(): readonly QueueRow[] {
    return this.#tables.queues.rows();
  }

  nextDue(queues: readonly string[], now: number): number | null {
    return this.#tables.queues.nextDue(queues, now);
  }

  /**
   * What a claim would find, without making it: why it would be refused, that it repeats one, or how many tasks. The
   * number may be too large, but is 0 only if there is none.
   */
  outlook({ session, lane, request, queues, now }: ClaimRequest): Refusal | 'repeat' | number {
    const { sessions, queues: table } = this.#tables;
    try {
      const last = sessions.live(session).lanes.get(lane);
      return last !== undefined && request <= last.request ? 'repeat' : table.due(queues, now);
    } catch (error) {
      return (error as Refused).refusal;
    }
  }

  result(key: ResultKey, now: number): Bytes | undefined {
    return this.#tables.results.get(key, now);
  }

  /** Whether a sweep of results would find any. */
  hasExpiredResults(now: number): boolean {
    return this.#tables.results.hasExpired(now);
  }

  schedule(id: string): StoredHeldSchedule | undefined {
    return this.#tables.schedules.rows.get(id);
  }

  schedules(query: ScheduleQuery): { items: readonly StoredHeldSchedule[]; next?: string } {
    return this.#tables.schedules.list(query);
  }

  /** Whether this task runs under this lease. */
  isHeld(id: string, lease: number): boolean {
    return this.#tables.sessions.byLease(lease)?.id === id;
  }

  get size(): { readonly tasks: number; readonly waiting: number; readonly running: number } {
    const { tasks, queues, sessions } = this.#tables;
    return { tasks: tasks.size, waiting: queues.waiting, running: sessions.leases };
  }

  #perform(command: Command, time: number, isOurs: boolean): Answers[Command['verb']] {
    const tables = this.#tables;
    const { sessions, queues, results, schedules } = tables;
    switch (command.verb) {
      case 'insert':
        return tables.insert(command.rows, command.now, Math.max(command.now, time));
      case 'claim':
        return this.#claim(command.request, isOurs);
      case 'update':
        return tables.update(command.changes, command.now);
      case 'swap': {
        // One commit: a claim that would be refused leaves the changes undone as well.
        sessions.live(command.request.session);
        const outcomes = tables.update(command.changes, command.request.now);
        return { outcomes, claimed: this.#claim(command.request, isOurs) };
      }
      case 'remove':
        return tables.remove(command.ids, command.rememberUntil);
      case 'open':
        sessions.open(command.session, command.now);
        return undefined;
      case 'beat':
        return sessions.beat(command.session, command.now);
      case 'end':
        return sessions.end(command.session, command.beats);
      case 'configure':
        queues.configure(command.queue, command.settings);
        return undefined;
      case 'putResults':
        for (const result of command.results) results.put(result);
        return undefined;
      case 'removeResults':
        for (const { id, below } of command.keys) results.remove(id, below);
        return undefined;
      case 'sweepResults':
        return results.sweep(command.now, command.limit);
      case 'putSchedule':
        return schedules.put(command.row, command.ifRevision);
      case 'removeSchedule':
        return schedules.rows.delete(command.id);
    }
  }

  #claim(request: ClaimRequest, isOurs: boolean): Answers['claim'] {
    const { sessions } = this.#tables;
    const session = sessions.live(request.session);
    const last = session.lanes.get(request.lane);
    if (last !== undefined && request.request <= last.request) {
      const count = last.request === request.request ? last.count : 0;
      const tasks = Array.from({ length: count }, (_, index) => sessions.byLease(last.firstLease + index));
      return tasks.filter((task) => task !== undefined).map(claimOf);
    }
    const leased = this.#tables.lease(request, session);
    return isOurs ? leased.map(claimOf) : [];
  }
}

function refused(refusal: Refusal): { readonly refused: Refusal } {
  return { refused: refusal };
}

function nowOf(command: Command): number | null {
  if (command.verb === 'claim' || command.verb === 'swap') return command.request.now;
  return 'now' in command ? command.now : null;
}

function ahead(ms: number): string {
  return `The clock of this machine is ${Math.round(ms)} ms ahead of the store's.`;
}
