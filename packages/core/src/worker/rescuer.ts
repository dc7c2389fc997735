import { guardOf, rescue } from '../model/transition.ts';
import { describeError, encodeError } from '../model/task-error.ts';
import { encodeAttempt } from '../model/attempt.ts';
import type { Engine } from '../queue/engine.ts';
import type { Intent } from '../queue/committer.ts';
import type { TaskRow } from '../storage/task-row.ts';
import type { SessionRow } from '../storage/task-store.ts';
import type { ProcessTable } from './process-identity.ts';

const PAGE = 200;

/** What a rescuer has seen of another session: this many beats, unchanged since. */
interface Sighting {
  readonly beats: number;
  readonly since: number;
}

/**
 * Finds workers that are gone and sends their tasks back. Expiry is observed, never computed from stored times: a session
 * ends only after its beats stood still for a full lease on this process's own monotonic clock, with every look in
 * between answered and its own beats taken. So neither an outage of the store nor a wrong clock can end a healthy worker.
 * A process of this host that is gone is seen at once.
 */
export class Rescuer {
  readonly #engine: Engine;
  readonly #leaseMs: number;
  readonly #processes: ProcessTable;
  #sightings = new Map<string, Sighting>();
  #lastLook = Number.NEGATIVE_INFINITY;
  /** Of all sessions of this process, and when they were last seen to grow. */
  #own = { beats: -1, grewAt: 0 };

  constructor(engine: Engine, leaseMs: number, processes: ProcessTable) {
    this.#engine = engine;
    this.#leaseMs = leaseMs;
    this.#processes = processes;
  }

  /** One look at all sessions. Returns how many of them were over. */
  async look(): Promise<number> {
    const sessions = await this.#sessions();
    const now = this.#engine.ambient.clock.monotonic();
    if (!this.#canTell(sessions, now)) this.#sightings.clear();
    this.#lastLook = now;
    const before = this.#sightings;
    this.#sightings = new Map();
    let over = 0;
    for (const session of sessions) {
      if (!(await this.#isOver(session, before, now))) continue;
      await this.#rescue(session);
      over += 1;
    }
    return over;
  }

  /** Whether silence says anything: what keeps this process from looking or beating may keep others from beating too. */
  #canTell(sessions: readonly SessionRow[], now: number): boolean {
    const own = sessions.filter((session) => this.#isOwn(session));
    const beats = own.reduce((sum, session) => sum + session.beats, 0);
    if (beats !== this.#own.beats) this.#own = { beats, grewAt: now };
    return now - this.#lastLook <= this.#leaseMs / 2 && now - this.#own.grewAt <= (this.#leaseMs * 2) / 3;
  }

  async #sessions(): Promise<readonly SessionRow[]> {
    try {
      return await this.#engine.stores.tasks.sessions();
    } catch (error) {
      this.#sightings.clear();
      throw error;
    }
  }

  /** Ends the session if it is to be ended; of all rescuers one does. A session found ended still holds tasks. */
  async #isOver(session: SessionRow, before: ReadonlyMap<string, Sighting>, now: number): Promise<boolean> {
    if (session.ended) return true;
    const { tasks } = this.#engine.stores;
    // Sessions of this process share its event loop: they are as alive as this very line.
    if (this.#isOwn(session)) return false;
    if (this.#processes.isGone(session)) return tasks.end(session.id, session.beats);
    const seen = before.get(session.id);
    if (seen === undefined || seen.beats !== session.beats) {
      this.#sightings.set(session.id, { beats: session.beats, since: now });
      return false;
    }
    if (now - seen.since >= this.#leaseMs) return tasks.end(session.id, session.beats);
    this.#sightings.set(session.id, seen);
    return false;
  }

  #isOwn({ host, pid, processStart }: SessionRow): boolean {
    const { self } = this.#processes;
    return host === self.host && pid === self.pid && processStart === self.processStart;
  }

  async #rescue(session: SessionRow): Promise<void> {
    const { tasks } = this.#engine.stores;
    let rescued = 0;
    let after: string | undefined;
    do {
      const page = await tasks.list({
        session: session.id,
        states: ['running'],
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      const started = page.items.filter(({ startedAt }) => startedAt !== null).length;
      const alone = started === 1 && page.next === undefined && after === undefined;
      await this.#engine.committer.commit(page.items.map((row) => this.#sendBack(row, alone)));
      rescued += page.items.length;
      after = page.next;
    } while (after !== undefined);
    // Nothing is left under it, but for tasks cancelled just now: the next look finds those.
    await tasks.end(session.id);
    if (rescued > 0)
      this.#engine.logger.warn(
        { session: session.id, pid: session.pid, tasks: rescued },
        'a worker is gone; its tasks go back',
      );
  }

  #sendBack(row: TaskRow, alone: boolean): Intent {
    const now = this.#engine.clock.now();
    const error = describeError({ name: 'WorkerLost', message: 'The worker that ran this task is gone.' });
    const { set, event } = rescue(row, alone, encodeError(error), now);
    const { lease, startedAt, session: worker } = row;
    const record = encodeAttempt({
      lease,
      attempt: row.attempt + 1,
      startedAt,
      finishedAt: now,
      worker,
      outcome: 'crashed',
      error,
    });
    const change = { id: row.id, guard: guardOf(lease, set), set, ...(startedAt === null ? {} : { record }) };
    return { change, event, task: row, data: { worker, crashes: set.crashes ?? row.crashes } };
  }
}
