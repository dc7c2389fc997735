import { OmniQError, type Change, type ChangeOutcome, type NewTask, type StoredResult } from '@omniq/core/storage';
import { BoundInserts, LOCK_KEYS, Overtaken, readHolders, transposed } from './bound-inserts.ts';
import type { Runner } from './database.ts';
import { putResults } from './result-rows.ts';
import { writeStates } from './state-writes.ts';
import { TaskState, type LockedRow, type TaskFacts } from './task-state.ts';

const FIND = `
select id, seq, order_key, case when unique_until is null then unique_key end as live_key from @.task
where id = any($1::text[]) and gone_until is null`;

const CHECK_CLOCK = `select @.clock($1::int8)`;

const COLUMNS = `seq, queue, session, priority, state, attempt, crashes, redrives, cancel, waits_for, lease, run_at,
  expires_at, started_at, finished_at, deadline_at, reason, error, progress`;

const LOCK_LIVE = `select ${COLUMNS} from @.live where seq = any($1::int8[]) order by seq for update`;

const LOCK_DONE = `select ${COLUMNS} from @.done where seq = any($1::int8[]) order by seq for update`;

const EDGES = `
select e.child, e.parent, (select id from @.task t where t.seq = e.parent) as id from @.edge e
where e.child = any($1::int8[])`;

const CHILDREN = `select parent, count(*)::int4 as count from @.edge where parent = any($1::int8[]) group by parent`;

const RELEASE = `
delete from @.edge e using unnest($1::int8[], $2::int8[]) as c (child, parent)
where e.child = c.child and e.parent = c.parent`;

const NOTE = `
insert into @.history (seq, lease, record)
select seq, lease, record from unnest($1::int8[], $2::int8[], $3::bytea[]) with ordinality as n (seq, lease, record, nth)
order by nth`;

const stale: ChangeOutcome = { status: 'stale' };

/**
 * Applies any changes, in a transaction of the caller's: locks the tasks in the order of their numbers, reads what they
 * hang on under a newer snapshot, applies the changes in order, and writes all at once.
 */
export class LockedChanges {
  readonly #on: Runner;
  readonly #now: number;

  constructor(on: Runner, now: number) {
    this.#on = on;
    this.#now = now;
  }

  async apply(changes: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    await this.#on.rows(CHECK_CLOCK, [this.#now]);
    const outcomes: ChangeOutcome[] = [];
    while (outcomes.length < changes.length) {
      // What follows rows that a change brings has to see them.
      const rest = changes.slice(outcomes.length);
      const end = rest.findIndex(({ then }) => then !== undefined && then.length > 0);
      const batch = end < 0 ? rest : rest.slice(0, end + 1);
      outcomes.push(...(await this.#applyBatch(batch)));
      const { id, then = [] } = batch.at(-1) as Change;
      if (then.length === 0 || outcomes.at(-1)?.status !== 'applied') continue;
      const added = await this.#insert(then);
      const waits = added.some(({ parents }) => parents.some((parent) => parent.id === id));
      if (waits) outcomes[outcomes.length - 1] = { status: 'applied', dependents: true };
    }
    return outcomes;
  }

  async #insert(rows: readonly NewTask[]): Promise<readonly NewTask[]> {
    try {
      return await new BoundInserts(this.#on, this.#now).insertKnown(rows);
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      throw new OmniQError('STORE_BUSY', 'Others inserted the same ids at the same time.', { backend: 'postgres' });
    }
  }

  async #applyBatch(changes: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    const tasks = await this.#lock(changes);
    const seqs = [...tasks.values()].map(({ seq }) => seq);
    const work = new Batch({
      now: this.#now,
      tasks,
      holders: await readHolders(this.#on, [...new Set(keysOf(changes, [...tasks.values()]))], this.#now),
      edges: await this.#edgesOf(changes, tasks),
      children: await this.#children(seqs),
    });
    const outcomes = changes.map((change) => work.apply(change));
    await this.#write(work);
    return outcomes;
  }

  async #lock(changes: readonly Change[]): Promise<Map<string, TaskState>> {
    const ids = [...new Set(changes.map(({ id }) => id))];
    const found = await this.#on.rows<FoundTask>(FIND, [ids]);
    const facts = new Map(found.map((row) => [Number(row.seq), factsOf(row)]));
    const keys = keysOf(
      changes,
      [...facts.values()].map((each) => ({ facts: each })),
    );
    if (keys.length > 0) await this.#on.rows(LOCK_KEYS, [keys]);
    const tasks = new Map<string, TaskState>();
    // A task may move between the two looks; then it is found at the next one.
    for (let tries = 0; tries < 3 && tasks.size < facts.size; tries += 1) {
      for (const template of [LOCK_LIVE, LOCK_DONE]) {
        const left = [...facts].filter(([, { id }]) => !tasks.has(id)).map(([seq]) => seq);
        if (left.length === 0) break;
        for (const row of await this.#on.rows<LockedRow>(template, [left])) {
          const known = facts.get(Number(row.seq)) as TaskFacts;
          tasks.set(known.id, new TaskState(row, known));
        }
      }
    }
    return tasks;
  }

  async #edgesOf(changes: readonly Change[], tasks: ReadonlyMap<string, TaskState>): Promise<Map<string, number>> {
    const children = changes.flatMap(({ id, guard }) => ('edge' in guard ? [tasks.get(id)?.seq ?? -1] : []));
    if (children.length === 0) return new Map();
    const rows = await this.#on.rows<{ child: unknown; parent: unknown; id: string }>(EDGES, [[...new Set(children)]]);
    return new Map(rows.map(({ child, parent, id }) => [edgeKey(Number(child), id), Number(parent)]));
  }

  async #children(seqs: readonly number[]): Promise<Map<number, number>> {
    if (seqs.length === 0) return new Map();
    const rows = await this.#on.rows<{ parent: unknown; count: number }>(CHILDREN, [seqs]);
    return new Map(rows.map(({ parent, count }) => [Number(parent), count]));
  }

  async #write({ tasks, released, notes, results }: Batch): Promise<void> {
    await writeStates(
      this.#on,
      [...tasks.values()].filter(({ isChanged }) => isChanged),
    );
    if (released.length > 0) await this.#on.rows(RELEASE, transposed(released, 2));
    if (notes.length > 0) await this.#on.rows(NOTE, transposed(notes, 3));
    if (results.length > 0) await putResults(this.#on, results);
  }
}

interface FoundTask {
  readonly id: string;
  readonly seq: unknown;
  readonly order_key: string | null;
  readonly live_key: string | null;
}

interface BatchParts {
  readonly now: number;
  readonly tasks: ReadonlyMap<string, TaskState>;
  readonly holders: Map<string, string>;
  /** The number of the parent, by child and the parent's id. */
  readonly edges: Map<string, number>;
  /** How many wait for a task, by its number. */
  readonly children: Map<number, number>;
}

/** Changes in order, on tasks that are locked. */
class Batch {
  readonly tasks: ReadonlyMap<string, TaskState>;
  readonly released: (readonly [child: number, parent: number])[] = [];
  readonly notes: (readonly [seq: number, lease: number, record: Uint8Array])[] = [];
  readonly results: StoredResult[] = [];
  readonly #parts: BatchParts;

  constructor(parts: BatchParts) {
    this.tasks = parts.tasks;
    this.#parts = parts;
  }

  apply(change: Change): ChangeOutcome {
    const task = this.tasks.get(change.id);
    if (task === undefined) return { status: 'missing' };
    const refusal = this.#refusal(change, task);
    if (refusal !== undefined) return refusal;
    if ('edge' in change.guard) this.#release(task, change.guard.edge);
    const wasDone = task.isDone;
    task.set(change.set);
    this.#passKey(task, wasDone);
    const { result, resultExpiresAt = null, record } = change;
    if (record !== undefined) this.notes.push([task.seq, task.lease, record]);
    if (result !== undefined) {
      this.results.push({ id: change.id, lease: task.lease, value: result, expiresAt: resultExpiresAt });
    }
    return (this.#parts.children.get(task.seq) ?? 0) > 0
      ? { status: 'applied', dependents: true }
      : { status: 'applied' };
  }

  #refusal({ guard, set }: Change, task: TaskState): ChangeOutcome | undefined {
    const { state, cancelRequested } = task.values;
    if ('lease' in guard) {
      if (state !== 'running' || task.lease !== guard.lease) return stale;
      return guard.uncancelled === true && cancelRequested ? { status: 'cancelled' } : undefined;
    }
    if ('edge' in guard) return this.#parts.edges.has(edgeKey(task.seq, guard.edge)) ? undefined : stale;
    if (!guard.states.includes(state)) return stale;
    const revives = task.isDone && set.state !== undefined && !terminal.has(set.state);
    const holder = revives && task.facts.liveKey !== null ? this.#parts.holders.get(task.facts.liveKey) : undefined;
    return holder === undefined || holder === task.facts.id ? undefined : { status: 'taken', holder };
  }

  #release(task: TaskState, parentId: string): void {
    const key = edgeKey(task.seq, parentId);
    const parent = this.#parts.edges.get(key) as number;
    this.#parts.edges.delete(key);
    this.#parts.children.set(parent, (this.#parts.children.get(parent) ?? 1) - 1);
    this.released.push([task.seq, parent]);
    task.release();
  }

  #passKey({ facts: { id, liveKey }, isDone }: TaskState, wasDone: boolean): void {
    if (liveKey === null || wasDone === isDone) return;
    if (!isDone) this.#parts.holders.set(liveKey, id);
    else if (this.#parts.holders.get(liveKey) === id) this.#parts.holders.delete(liveKey);
  }
}

const terminal: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'expired']);

/** The keys that changes may take back: of tasks that one of them may bring back to life. */
function keysOf(changes: readonly Change[], tasks: readonly { readonly facts: TaskFacts }[]): string[] {
  const revived = new Set(
    changes.flatMap(({ id, guard, set }) =>
      'states' in guard && set.state !== undefined && !terminal.has(set.state) ? [id] : [],
    ),
  );
  return tasks.flatMap(({ facts: { id, liveKey } }) => (liveKey !== null && revived.has(id) ? [liveKey] : []));
}

function factsOf({ id, order_key: orderKey, live_key: liveKey }: FoundTask): TaskFacts {
  return { id, orderKey, liveKey };
}

function edgeKey(child: number, parent: string): string {
  return `${child} ${parent}`;
}
