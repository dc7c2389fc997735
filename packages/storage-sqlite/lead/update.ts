import type { Change, ChangeOutcome, Mutable, StoredState } from '@omniq/core/storage';
import type { Database, Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';
import type { Inserts } from './insert.ts';
import { FIRST_END, RUNNING, mutableColumns, stateNumber, states } from './rows.ts';
import type { UniqueKeys } from './unique-keys.ts';

const SEEN = `SELECT state, lease, cancel_requested AS cancelRequested FROM tasks WHERE id = ?`;
const TAKE_EDGE = `DELETE FROM edges WHERE parent = ? AND child = ?`;
const COUNT_DOWN = `UPDATE tasks SET waits_for = waits_for - 1,
    state = CASE WHEN state = 2 AND waits_for = 1 THEN 0 ELSE state END WHERE id = ?`;
const ANY_EDGE = `SELECT EXISTS (SELECT 1 FROM edges)`;
const HAS_CHILDREN = `SELECT EXISTS (SELECT 1 FROM edges WHERE parent = ?)`;
const KEEP_RESULT = `INSERT OR REPLACE INTO results SELECT id, lease, ?, ? FROM tasks WHERE id = ?`;
const KEEP_RECORD = `INSERT INTO history (id, lease, record) SELECT id, lease, ? FROM tasks WHERE id = ?`;

const APPLIED: ChangeOutcome = { status: 'applied' };
const APPLIED_WITH_CHILDREN: ChangeOutcome = { status: 'applied', dependents: true };
const STALE: ChangeOutcome = { status: 'stale' };
const MISSING: ChangeOutcome = { status: 'missing' };
const CANCELLED: ChangeOutcome = { status: 'cancelled' };

interface Seen {
  readonly state: number;
  readonly lease: number;
  readonly cancelRequested: number;
}

/** What is true of the whole batch, asked once. */
interface Batch {
  readonly now: number;
  readonly anyEdge: boolean;
  readonly anyUnique: boolean;
}

/** Applies guarded changes. Inside a write transaction. A plain settle is one statement; what few need is asked once a batch. */
export class Updates {
  readonly #db: Database;
  readonly #uniques: UniqueKeys;
  readonly #inserts: Inserts;
  readonly #settles = new Map<string, Statement>();
  readonly #seen: Statement;
  readonly #takeEdge: Statement;
  readonly #countDown: Statement;
  readonly #anyEdge: Statement;
  readonly #hasChildren: Statement;
  readonly #keepResult: Statement;
  readonly #keepRecord: Statement;

  constructor({ db }: Connection, uniques: UniqueKeys, inserts: Inserts) {
    this.#db = db;
    this.#uniques = uniques;
    this.#inserts = inserts;
    this.#seen = db.prepare(SEEN);
    this.#takeEdge = db.prepare(TAKE_EDGE);
    this.#countDown = db.prepare(COUNT_DOWN);
    this.#anyEdge = db.prepare(ANY_EDGE).pluck();
    this.#hasChildren = db.prepare(HAS_CHILDREN).pluck();
    this.#keepResult = db.prepare(KEEP_RESULT);
    this.#keepRecord = db.prepare(KEEP_RECORD);
  }

  update(changes: readonly Change[], now: number): readonly ChangeOutcome[] {
    const batch = { now, anyEdge: this.#anyEdge.get() === 1, anyUnique: this.#uniques.any() };
    return changes.map((change) => this.#updateOne(change, batch));
  }

  #updateOne(change: Change, batch: Batch): ChangeOutcome {
    const refused = 'lease' in change.guard ? this.#settle(change) : this.#steer(change, batch);
    if (refused !== undefined) return refused;
    const { id, set, result, record, then } = change;
    if (result !== undefined) this.#keepResult.run(change.resultExpiresAt ?? null, result, id);
    if (record !== undefined) this.#keepRecord.run(record, id);
    if (then !== undefined && then.length > 0) this.#inserts.insert(then, batch.now);
    if (set.state === undefined || stateNumber(set.state) < FIRST_END) return APPLIED;
    if (batch.anyUnique) this.#uniques.giveUp(id);
    return batch.anyEdge && this.#hasChildren.get(id) === 1 ? APPLIED_WITH_CHILDREN : APPLIED;
  }

  /** The hot path: a change by lease is guarded by the statement itself. */
  #settle({ id, guard, set }: Change): ChangeOutcome | undefined {
    const { lease, uncancelled = false } = guard as { lease: number; uncancelled?: boolean };
    const { changes } = this.#statement(set, uncancelled).run(...valuesOf(set), id, lease);
    if (changes === 1) return undefined;
    const seen = this.#seen.get(id) as Seen | undefined;
    if (seen === undefined) return MISSING;
    return seen.state === RUNNING && seen.lease === lease && seen.cancelRequested === 1 && uncancelled ? CANCELLED : STALE;
  }

  #steer(change: Change, batch: Batch): ChangeOutcome | undefined {
    const { id, guard, set } = change;
    const seen = this.#seen.get(id) as Seen | undefined;
    if (seen === undefined) return MISSING;
    if ('edge' in guard) {
      if (this.#takeEdge.run(guard.edge, id).changes === 0) return STALE;
      this.#countDown.run(id);
    } else if ('states' in guard) {
      if (!guard.states.includes(states[seen.state] as StoredState)) return STALE;
    }
    if (set.state !== undefined && seen.state >= FIRST_END && stateNumber(set.state) < FIRST_END) {
      const holder = this.#uniques.takeBack(id, batch.now);
      if (holder !== undefined) return { status: 'taken', holder };
    }
    if (Object.keys(set).length > 0) this.#statement(set, null).run(...valuesOf(set), id);
    return undefined;
  }

  /** One prepared statement for each set of columns and each guard; there are few. */
  #statement(set: Partial<Mutable>, uncancelled: boolean | null): Statement {
    const keys = Object.keys(set) as (keyof Mutable)[];
    const shape = `${keys.join()}|${uncancelled}|${set.state === undefined || set.state === 'running'}`;
    const known = this.#settles.get(shape);
    if (known !== undefined) return known;
    const columns = keys.map((key) => `${mutableColumns[key]} = ?`);
    // What leaves `running` has no deadline any more.
    if (set.state !== undefined && set.state !== 'running' && set.deadlineAt === undefined) columns.push('deadline_at = NULL');
    if (columns.length === 0) columns.push('seq = seq');
    const guard = uncancelled === null ? '' : `AND lease = ? AND state = 1${uncancelled ? ' AND cancel_requested = 0' : ''}`;
    const made = this.#db.prepare(`UPDATE tasks SET ${columns.join(', ')} WHERE id = ? ${guard}`);
    this.#settles.set(shape, made);
    return made;
  }
}

function valuesOf(set: Partial<Mutable>): unknown[] {
  const values: unknown[] = [];
  for (const key in set) {
    const value = set[key as keyof Mutable];
    if (key === 'state') values.push(stateNumber(value as StoredState));
    else values.push(typeof value === 'boolean' ? Number(value) : value);
  }
  return values;
}
