import {
  checkHistory,
  historyOf,
  Recorder,
  type CheckOptions,
  type Claim,
  type Enqueue,
  type History,
  type HistoryRecord,
  type Invocation,
  type Leased,
  type Outcome,
  type Pending,
  type RuleName,
  type Settle,
  type StoreHeader,
} from '@omniq/testkit/history';

/** Histories made by hand: processes that write when they are told to, under a clock that only the script moves. */
export class Script {
  now = 1_000_000;
  readonly #records: Record<string, HistoryRecord[]> = {};
  readonly #actors = new Map<string, Actor>();

  /** `store: null` is a process whose store is not recorded. */
  process(name: string, store: StoreHeader['order'] | null = 'strict'): Actor {
    const known = this.#actors.get(name);
    if (known !== undefined) return known;
    const records: HistoryRecord[] = [];
    this.#records[name] = records;
    const write = (lines: string): void => {
      for (const line of lines.trimEnd().split('\n')) records.push(JSON.parse(line) as HistoryRecord);
    };
    const recorder = new Recorder({ write, close() {} }, { process: name, clock: () => this.now });
    if (store !== null) recorder.attached(store);
    const actor = new Actor(this, recorder, name);
    this.#actors.set(name, actor);
    return actor;
  }

  /** So much later that even clocks that are apart agree on what came first. */
  later(ms = 10_000): this {
    this.now += ms;
    return this;
  }

  get history(): History {
    return historyOf(this.#records);
  }

  rules(options: CheckOptions = {}): RuleName[] {
    return [...new Set(checkHistory(this.history, options).violations.map(({ rule }) => rule))];
  }
}

/** One process. Each act takes a millisecond and is followed by another, but for those that never end. */
export class Actor {
  readonly recorder: Recorder;
  readonly #script: Script;
  readonly #name: string;
  #requests = 0;

  constructor(script: Script, recorder: Recorder, name: string) {
    this.#script = script;
    this.recorder = recorder;
    this.#name = name;
  }

  invoke(act: Invocation): Pending {
    const pending = this.recorder.invoke(act);
    this.#script.now += 1;
    return pending;
  }

  answer(pending: Pending, outcome: Outcome): void {
    this.recorder.outcome(pending, outcome);
    this.#script.now += 1;
  }

  do(act: Invocation, outcome: Outcome = { phase: 'ok' }): void {
    this.answer(this.invoke(act), outcome);
  }

  enqueue(id: string, given: Partial<Enqueue> = {}, outcome: Outcome = { phase: 'ok', status: 'inserted' }): void {
    this.do(enqueueOf(id, this.#script.now, given), outcome);
  }

  claim(leased: readonly (Partial<Leased> & Pick<Leased, 'id' | 'lease'>)[], given: Partial<Claim> = {}): void {
    const act = this.claimOf(given);
    this.do(act, { phase: 'ok', leased: leased.map((each) => leasedOf(each)) });
  }

  claimOf(given: Partial<Claim> = {}): Claim {
    this.#requests += 1;
    const { now } = this.#script;
    return {
      op: 'claim',
      session: this.#name,
      lane: 0,
      request: this.#requests,
      queues: ['q'],
      limit: 10,
      now,
      ...given,
    };
  }

  settle(
    id: string,
    lease: number,
    to: Settle['to'],
    outcome: Outcome['phase'] = 'ok',
    given: Partial<Settle> = {},
  ): void {
    const { now } = this.#script;
    const due = to === 'waiting' ? { runAt: now } : {};
    this.do({ op: 'settle', id, lease, to, now, ...due, ...given }, { phase: outcome });
  }

  start(id: string, lease: number, attempt = 1, digest = 'bytes:1'): void {
    this.recorder.start({ id, lease, attempt, maxAttempts: 3, queue: 'q', digest });
    this.#script.now += 1;
  }

  /** Enqueued, claimed, completed. */
  life(id: string, lease: number): void {
    this.enqueue(id);
    this.claim([{ id, lease }]);
    this.settle(id, lease, 'completed');
  }
}

export function enqueueOf(id: string, now: number, given: Partial<Enqueue> = {}): Enqueue {
  const base = {
    op: 'enqueue',
    id,
    queue: 'q',
    priority: 0,
    runAt: now,
    expiresAt: null,
    digest: 'bytes:1',
    now,
  } as const;
  return { ...base, ...given };
}

export function leasedOf(given: Partial<Leased> & Pick<Leased, 'id' | 'lease'>): Leased {
  return { queue: 'q', attempt: 0, crashes: 0, runAt: 0, expiresAt: null, digest: 'bytes:1', ...given };
}
