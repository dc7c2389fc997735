import type {
  Capabilities,
  Change,
  ChangeOutcome,
  ClaimedTask,
  ClaimRequest,
  InsertOutcome,
  Mutable,
  NewTask,
  QueueSettings,
  TaskStore,
} from '@omniq/core/storage';

/** A way in which the model breaks a promise. */
export type Bug =
  | 'acknowledges and drops'
  | 'no fence'
  | 'ends twice'
  | 'leases repeat'
  | 'grants what is held'
  | 'early by a second'
  | 'claims what has expired'
  | 'claims what was cancelled'
  | 'ignores pauses'
  | 'lowest priority first'
  | 'one over the limit'
  | 'one over the limit of a key'
  | 'order keys run together'
  | 'unique keys are not kept'
  | 'payloads are mixed up';

interface Row extends Omit<NewTask, 'admitBy'>, Pick<Mutable, 'attempt' | 'crashes' | 'redrives'> {
  readonly seq: number;
  readonly createdAt: number;
  state: Mutable['state'];
  lease: number;
}

const ended: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'expired']);

/** What is meant to be in the records, as plainly as it can be thought of: it looks at all tasks for every question. */
export class ModelStore {
  readonly capabilities: Capabilities = {
    durable: true,
    shared: 'network',
    order: 'strict',
    clock: false,
    watch: false,
    results: false,
    then: false,
    transactions: false,
    uniqueKeys: true,
    orderKeys: true,
    limits: true,
  };
  readonly #bug: Bug | null;
  readonly #rows = new Map<string, Row>();
  readonly #queues = new Map<string, Partial<QueueSettings>>();
  #lease = 0;

  constructor(bug: Bug | null = null) {
    this.#bug = bug;
  }

  get rows(): readonly Readonly<Row>[] {
    return [...this.#rows.values()];
  }

  async insert(rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    return rows.map((row): InsertOutcome => {
      if (this.#rows.has(row.id)) return { status: 'exists' };
      const holder = this.#bug === 'unique keys are not kept' ? undefined : this.#holder(row, now);
      if (holder !== undefined) return { status: 'taken', holder: holder.id };
      if (this.#bug === 'acknowledges and drops' && row.id.endsWith('7')) return { status: 'inserted', settled: false };
      const fresh = { state: 'waiting', attempt: 0, crashes: 0, redrives: 0, lease: 0 } as const;
      this.#rows.set(row.id, { ...row, ...fresh, seq: this.#rows.size, createdAt: now });
      return { status: 'inserted', settled: false };
    });
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    const claimed: ClaimedTask[] = [];
    for (const queue of request.queues) {
      const line = this.rows.filter((row) => row.queue === queue && this.#isDue(row, request.now)) as Row[];
      line.sort((a, b) => this.#rank(b) - this.#rank(a) || a.runAt - b.runAt || a.seq - b.seq);
      for (const row of line) {
        if (claimed.length === request.limit) return claimed;
        if (!this.#mayRun(row)) continue;
        this.#lease += this.#bug === 'leases repeat' && this.#lease % 5 === 4 ? 0 : 1;
        row.lease = this.#lease;
        row.state = 'running';
        const body = this.#bug === 'payloads are mixed up' && row.seq % 5 === 3 ? null : row.body;
        claimed.push({ ...row, startedAt: request.now, deadlineAt: null, body });
      }
    }
    return claimed;
  }

  async update(changes: readonly Change[], _now: number): Promise<readonly ChangeOutcome[]> {
    return changes.map(({ id, guard, set }): ChangeOutcome => {
      const row = this.#rows.get(id);
      if (row === undefined) return { status: 'missing' };
      if (!this.#holds(row, guard)) return { status: 'stale' };
      const revives = set.state === 'waiting' && ended.has(row.state);
      if (
        revives &&
        this.#bug !== 'unique keys are not kept' &&
        this.#holder(row, Number.POSITIVE_INFINITY) !== undefined
      )
        return { status: 'taken' };
      Object.assign(row, set);
      return { status: 'applied' };
    });
  }

  async configure(queue: string, settings: Partial<QueueSettings>): Promise<void> {
    this.#queues.set(queue, { ...this.#queues.get(queue), ...settings });
  }

  async remove(ids: readonly string[]): Promise<number> {
    const gone = ids.filter((id) => ended.has(this.#rows.get(id)?.state ?? ''));
    for (const id of gone) this.#rows.delete(id);
    return gone.length;
  }

  /** As the contract has it; the verbs that no record tells of are not there. */
  get asStore(): TaskStore {
    return this as unknown as TaskStore;
  }

  #holds(row: Row, guard: Change['guard']): boolean {
    if ('states' in guard) return guard.states.includes(row.state);
    if (!('lease' in guard)) return false;
    if (this.#bug === 'no fence') return row.state === 'running';
    if (this.#bug === 'ends twice' && row.lease === guard.lease && ended.has(row.state)) return true;
    return row.state === 'running' && row.lease === guard.lease;
  }

  #isDue(row: Row, now: number): boolean {
    const grants = this.#bug === 'grants what is held' && row.state === 'running' && row.seq % 3 === 0;
    const revives = this.#bug === 'claims what was cancelled' && row.state === 'cancelled';
    if (row.state !== 'waiting' && !grants && !revives) return false;
    const early = this.#bug === 'early by a second' ? 1_000 : 0;
    const isExpired = row.expiresAt !== null && row.expiresAt <= now && this.#bug !== 'claims what has expired';
    return row.runAt <= now + early && !isExpired;
  }

  #mayRun(row: Row): boolean {
    const { paused, concurrency, perKey } = this.#queues.get(row.queue) ?? {};
    if (paused === true && this.#bug !== 'ignores pauses') return false;
    const running = this.rows.filter(({ state, queue }) => state === 'running' && queue === row.queue);
    const over = this.#bug === 'one over the limit' ? 1 : 0;
    if (running.length >= (concurrency ?? Number.POSITIVE_INFINITY) + over) return false;
    const ofKey = running.filter(({ limitKey }) => limitKey === row.limitKey).length;
    const most = perKey?.concurrency ?? Number.POSITIVE_INFINITY;
    if (row.limitKey !== null && ofKey >= most + (this.#bug === 'one over the limit of a key' ? 1 : 0)) return false;
    return row.orderKey === null || this.#bug === 'order keys run together' || this.#isHead(row);
  }

  /** A key's head blocks, whether it waits or runs. */
  #isHead({ orderKey, seq }: Row): boolean {
    return !this.rows.some((other) => other.orderKey === orderKey && other.seq < seq && !ended.has(other.state));
  }

  #holder({ id, unique }: Pick<Row, 'id' | 'unique'>, now: number): Row | undefined {
    if (unique === null) return undefined;
    return [...this.#rows.values()].find((other) => {
      if (other.id === id || other.unique?.key !== unique.key) return false;
      return other.unique.until === null ? !ended.has(other.state) : now < other.unique.until;
    });
  }

  #rank({ priority }: Row): number {
    return this.#bug === 'lowest priority first' ? -priority : priority;
  }
}
