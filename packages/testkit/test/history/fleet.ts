import { OmniQError, type Change, type ClaimedTask, type NewTask, type TaskStore } from '@omniq/core/storage';
import {
  historyOf,
  Recorder,
  recordingStore,
  type History,
  type HistoryRecord,
  type Snapshot,
} from '@omniq/testkit/history';
import { newTask } from '@omniq/testkit/storage';
import { ModelStore, type Bug } from './model-store.ts';

/** How far the clocks of two processes are apart at most. */
export const SKEW_MS = 20;

/** What a fleet wrote, and what its store held in the end. */
export interface Written {
  readonly records: Record<string, HistoryRecord[]>;
  readonly history: History;
  readonly snapshot: Snapshot;
}

type Random = (below: number) => number;

/** Numbers below a bound that follow from the seed. */
export function randomFrom(seed: number): Random {
  let state = (seed + 1) * 0x9e3779b9;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/**
 * Processes that do at random what producers, workers and operators do, over one store, interleaved at random: requests
 * and replies take their time, some are lost, processes die with what they hold, and others rescue it.
 */
export class Fleet {
  now = 1_000_000_000;
  readonly random: Random;
  readonly store: ModelStore;
  readonly records: Record<string, HistoryRecord[]> = {};
  /** Calls under way: each waits to reach the store, then for its reply to arrive. */
  readonly #gates: (() => void)[] = [];

  constructor(seed: number, bug: Bug | null) {
    this.random = randomFrom(seed);
    this.store = new ModelStore(bug);
  }

  /** Everything from the first enqueue to quiet. With one claimer the order can be judged. */
  static async run(seed: number, bug: Bug | null = null, steps = 60): Promise<Written> {
    const fleet = new Fleet(seed, bug);
    const lone = seed % 3 === 0;
    const processes = ['p0', 'p1', 'p2'].map((name, index) => new Process(fleet, name, !lone || index === 0));
    const [first] = processes as [Process];
    await fleet.all(processes.map((process) => process.live(steps)));
    await fleet.all([first.heal(processes)]);
    const snapshot = new Map(fleet.store.rows.map(({ id, state }) => [id, state]));
    return { records: fleet.records, history: historyOf(fleet.records), snapshot };
  }

  gate(): Promise<void> {
    return new Promise((open) => this.#gates.push(open));
  }

  /** Lets calls go on one at a time, in any order, until all that was begun has come to its end. */
  async all(work: readonly Promise<void>[]): Promise<void> {
    let isOver = false;
    const done = Promise.all(work).finally(() => (isOver = true));
    while (!isOver) {
      await new Promise((turn) => setImmediate(turn));
      this.now += this.random(12);
      this.#gates.splice(this.random(this.#gates.length), 1)[0]?.();
    }
    await done;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.random(values.length)] as T;
  }
}

class Process {
  readonly #fleet: Fleet;
  readonly #name: string;
  readonly #store: TaskStore;
  readonly #clock: () => number;
  readonly #claims: boolean;
  #held: ClaimedTask[] = [];
  #serial = 0;
  #request = 0;

  constructor(fleet: Fleet, name: string, claims: boolean) {
    this.#fleet = fleet;
    this.#name = name;
    this.#claims = claims;
    const records: HistoryRecord[] = [];
    fleet.records[name] = records;
    const offset = fleet.random(SKEW_MS + 1) - SKEW_MS / 2;
    this.#clock = () => fleet.now + offset;
    const write = (lines: string): void => {
      for (const line of lines.trimEnd().split('\n')) records.push(JSON.parse(line) as HistoryRecord);
    };
    const recorder = new Recorder({ write, close() {} }, { process: name, clock: this.#clock });
    this.#store = recordingStore(distant(fleet), recorder, { maxAttempts: () => 3 });
  }

  async live(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      const act = this.#fleet.pick([
        () => this.#enqueue(),
        () => this.#enqueue(),
        () => this.#claim(3),
        () => this.#claim(3),
        () => this.#settle(),
        () => this.#settle(),
        () => this.#settle(),
        () => this.#rescue(),
        () => this.#steer(),
        () => this.#configure(),
      ]);
      await tolerant(act);
    }
  }

  /** What is left to be done once faults have ended, until nothing is left. */
  async heal(all: readonly Process[]): Promise<void> {
    const settings = { paused: false, concurrency: null, perKey: null };
    for (const queue of ['a', 'b']) await persistent(() => this.#store.configure(queue, settings));
    for (const process of all) process.#held = [];
    for (let round = 0; round < 100; round += 1) {
      const open = this.#fleet.store.rows.filter(({ state }) => state === 'running' || state === 'waiting');
      if (open.length === 0) return;
      this.#fleet.now += 5_000;
      const now = this.#clock();
      await persistent(() =>
        this.#store.update(
          open.flatMap((row) => lastChange(row, now)),
          now,
        ),
      );
      const claimed = await persistent(() => this.#ask(50));
      await persistent(() =>
        this.#store.update(
          claimed.map((task) => this.#end(task, 'completed')),
          this.#clock(),
        ),
      );
    }
  }

  async #enqueue(): Promise<void> {
    const { random } = this.#fleet;
    const now = this.#clock();
    const rows = Array.from({ length: 1 + random(4) }, (): NewTask => {
      this.#serial += 1;
      const id = `${this.#name}-${this.#serial}`;
      return newTask({
        id,
        queue: this.#fleet.pick(['a', 'b']),
        priority: random(3),
        runAt: now + [0, 0, 0, 150, 600][random(5)]!,
        expiresAt: random(6) === 0 ? now + 200 : null,
        unique: random(5) === 0 ? { key: `u${random(4)}`, until: random(2) === 0 ? null : now + 300 } : null,
        orderKey: random(6) === 0 ? `o${random(2)}` : null,
        limitKey: random(4) === 0 ? `l${random(2)}` : null,
        body: new TextEncoder().encode(id),
      });
    });
    try {
      await this.#store.insert(rows, now);
    } catch {
      // Of unknown outcome: the same ids again are a no-op.
      await this.#store.insert(rows, now);
    }
  }

  async #claim(limit: number): Promise<void> {
    if (this.#claims) this.#held.push(...(await this.#ask(limit)));
  }

  #ask(limit: number): Promise<readonly ClaimedTask[]> {
    this.#request += 1;
    const request = this.#request;
    return this.#store.claim({
      session: this.#name,
      lane: 0,
      request,
      queues: ['a', 'b'],
      limit,
      start: limit,
      now: this.#clock(),
    });
  }

  async #settle(): Promise<void> {
    const [task] = this.#held.splice(this.#fleet.random(this.#held.length || 1), 1);
    if (task === undefined) return;
    const now = this.#clock();
    const again = { state: 'waiting', runAt: now + this.#fleet.random(200) } as const;
    const attempt = task.attempt + 1;
    const retried =
      attempt >= 3 ? this.#end(task, 'failed') : { ...this.#end(task, 'failed'), set: { ...again, attempt } };
    const snoozed: Change = { id: task.id, guard: { lease: task.lease }, set: again };
    const change = this.#fleet.pick([this.#end(task, 'completed'), this.#end(task, 'completed'), retried, snoozed]);
    try {
      await this.#store.update([change], now);
    } catch {
      // Keeps what it has to settle, and says it again some time: by then it may be a zombie.
      this.#held.push(task);
    }
  }

  #end({ id, lease, attempt }: ClaimedTask, state: 'completed' | 'failed'): Change {
    return { id, guard: { lease }, set: { state, attempt: attempt + 1, finishedAt: this.#clock() } };
  }

  /** Takes a task from whoever holds it, who goes on and will be refused. */
  async #rescue(): Promise<void> {
    const running = this.#fleet.store.rows.filter(({ state }) => state === 'running');
    if (running.length === 0) return;
    const { id, lease } = this.#fleet.pick(running);
    await this.#store.update(
      [{ id, guard: { lease }, set: { state: 'waiting', runAt: this.#clock() } }],
      this.#clock(),
    );
  }

  async #steer(): Promise<void> {
    const { rows } = this.#fleet.store;
    if (rows.length === 0) return;
    const { id } = this.#fleet.pick(rows);
    const now = this.#clock();
    const change = this.#fleet.pick<Change>([
      { id, guard: { states: ['waiting', 'blocked'] }, set: { state: 'cancelled', finishedAt: now } },
      {
        id,
        guard: { states: ['completed', 'failed', 'cancelled', 'expired'] },
        set: { state: 'waiting', runAt: now, expiresAt: null, attempt: 0, redrives: 1 },
      },
    ]);
    await this.#store.update([change], now);
  }

  async #configure(): Promise<void> {
    const queue = this.#fleet.pick(['a', 'b', 'b']);
    const one = this.#fleet.pick([1, 2, null]);
    // The queue `a` gets no limits, so that its order can be judged.
    const settings = this.#fleet.pick([
      { paused: true },
      { paused: false },
      { concurrency: one },
      { perKey: { concurrency: one, rate: null } },
    ]);
    if (queue === 'b' || 'paused' in settings) await this.#store.configure(queue, settings);
  }
}

function lastChange({ id, lease, state, expiresAt }: ModelStore['rows'][number], now: number): readonly Change[] {
  if (state === 'running') return [{ id, guard: { lease }, set: { state: 'waiting', runAt: now } }];
  if (expiresAt === null || expiresAt > now) return [];
  return [{ id, guard: { states: ['waiting'] }, set: { state: 'expired', finishedAt: now } }];
}

/** The store at the other end of a slow line that loses some requests and some replies. */
function distant(fleet: Fleet): TaskStore {
  const { store } = fleet;
  const far = async <T>(call: () => Promise<T>): Promise<T> => {
    await fleet.gate();
    if (fleet.random(25) === 0) throw lineIsDown();
    const result = await call();
    await fleet.gate();
    if (fleet.random(25) === 0) throw lineIsDown();
    return result;
  };
  return {
    capabilities: store.capabilities,
    insert: (rows: readonly NewTask[], now: number) => far(() => store.insert(rows, now)),
    claim: (request: Parameters<TaskStore['claim']>[0]) => far(() => store.claim(request)),
    update: (changes: readonly Change[], now: number) => far(() => store.update(changes, now)),
    configure: (queue: string, settings: Parameters<TaskStore['configure']>[1]) =>
      far(() => store.configure(queue, settings)),
    remove: (ids: readonly string[]) => far(() => store.remove(ids)),
  } as unknown as TaskStore;
}

function lineIsDown(): OmniQError {
  return new OmniQError('STORE_UNREACHABLE', 'The line is down.');
}

async function tolerant(act: () => Promise<void>): Promise<void> {
  await act().catch((error: unknown) => {
    if (!(error instanceof OmniQError)) throw error;
  });
}

async function persistent<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof OmniQError)) throw error;
    }
  }
}
