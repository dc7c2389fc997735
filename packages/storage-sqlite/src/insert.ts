import { OmniQError, type InsertOutcome, type NewTask } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';
import type { OrderKeys } from './order-keys.ts';
import { PlainInserts, type PlainRow } from './plain-inserts.ts';
import { FIRST_TERMINAL, codeOf } from './state-code.ts';
import type { UniqueKeys } from './unique-keys.ts';

/** Numbers for so many rows: never given out twice, and in insert order. */
const TAKE_NUMBERS = `UPDATE omniq_counters SET last = last + ? WHERE name = 'task' RETURNING last`;

const INSERT = `
INSERT INTO omniq_tasks (seq, queue, priority, run_at, expires_at, hold_ms, state, waits_for, unique_key, unique_until,
  order_key, behind)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const INSERT_PAYLOAD = `
INSERT INTO omniq_payloads (task, id, name, limit_key, created_at, spec, body) VALUES (?, ?, ?, ?, ?, ?, ?)`;

const INSERT_EDGE = `INSERT INTO omniq_edges (child, parent, policy) VALUES (?, ?, ?)`;

const FIND = `SELECT seq, state FROM omniq_tasks WHERE seq = (SELECT task FROM omniq_payloads WHERE id = ?)`;

const ANY_TOMBSTONE = `SELECT 1 FROM omniq_tombstones LIMIT 1`;

const IS_REMEMBERED = `SELECT 1 FROM omniq_tombstones WHERE id = ? AND until > ?`;

const FORGET_IDS = `
DELETE FROM omniq_tombstones WHERE id IN (
  SELECT id FROM omniq_tombstones INDEXED BY omniq_tombstones_by_end WHERE until <= ? ORDER BY until LIMIT ?)`;

const inserted: InsertOutcome = { status: 'inserted', settled: false };
const insertedLate: InsertOutcome = { status: 'inserted', settled: true };
const exists: InsertOutcome = { status: 'exists' };
const late: InsertOutcome = { status: 'late' };

/** Forgets more ids than an insert brings, so that the memory of removed ones shrinks while there is traffic. */
const FORGET_MORE = 64;

/** Inserts tasks, inside a write transaction of the caller's. */
export class Inserts {
  readonly #keys: UniqueKeys;
  readonly #order: OrderKeys;
  readonly #takeNumbers: Statement;
  readonly #plain: PlainInserts;
  readonly #full: Statement;
  readonly #payload: Statement;
  readonly #edge: Statement;
  readonly #find: Statement;
  readonly #anyTombstone: Statement;
  readonly #isRemembered: Statement;
  readonly #forgetIds: Statement;

  constructor(db: Connection, keys: UniqueKeys, order: OrderKeys) {
    this.#keys = keys;
    this.#order = order;
    this.#takeNumbers = db.prepare(TAKE_NUMBERS).pluck();
    this.#plain = new PlainInserts(db);
    this.#full = db.prepare(INSERT);
    this.#payload = db.prepare(INSERT_PAYLOAD);
    this.#edge = db.prepare(INSERT_EDGE);
    this.#find = db.prepare(FIND).raw();
    this.#anyTombstone = db.prepare(ANY_TOMBSTONE).pluck();
    this.#isRemembered = db.prepare(IS_REMEMBERED).pluck();
    this.#forgetIds = db.prepare(FORGET_IDS);
  }

  /** What is late is told by the later of `now` and `time`, the store's: a call that was held up brings an old `now`. */
  insert(rows: readonly NewTask[], now: number, time: number = now): readonly InsertOutcome[] {
    const remembers = this.#anyTombstone.get() !== undefined;
    if (remembers) this.#forgetIds.run(now, rows.length + FORGET_MORE);
    const last = this.#takeNumbers.get(rows.length) as number;
    const outcomes: InsertOutcome[] = [];
    const plain: PlainRow[] = [];
    for (const [index, row] of rows.entries()) {
      const seq = last - rows.length + 1 + index;
      const isLate = Math.max(now, time) > row.admitBy;
      if (remembers && this.#isRemembered.get(row.id, now) !== undefined) outcomes.push(exists);
      else if (isPlain(row) && !isLate) {
        outcomes.push(inserted);
        plain.push({ seq, index, row });
      } else {
        // What comes later may hang on what came before.
        this.#insertPlain(plain.splice(0), outcomes, now);
        outcomes.push(isLate ? this.#answerLate(row) : this.#insertBound(seq, row, now));
      }
    }
    this.#insertPlain(plain, outcomes, now);
    return outcomes;
  }

  /** Inserts what {@link insert} would, and leaves out what waits for a task that does not exist. */
  insertKnown(rows: readonly NewTask[], now: number): void {
    if (rows.every(({ parents }) => parents.length === 0)) return void this.insert(rows, now);
    for (const row of rows) {
      const parents = row.parents.map(({ id }) => this.#find.get(id));
      if (parents.every((parent) => parent !== undefined)) this.insert([row], now);
    }
  }

  #insertPlain(plain: readonly PlainRow[], outcomes: InsertOutcome[], now: number): void {
    for (const index of this.#plain.insert(plain, now)) outcomes[index] = exists;
  }

  #answerLate(row: NewTask): InsertOutcome {
    return this.#find.get(row.id) === undefined ? late : exists;
  }

  /** Bound to others: by a unique key, an ordering key or parents. */
  #insertBound(seq: number, row: NewTask, now: number): InsertOutcome {
    const { id, queue, name, priority, runAt, expiresAt, holdMs, limitKey, orderKey, unique, spec, body } = row;
    if (this.#find.get(id) !== undefined) return exists;
    const parents = this.#findParents(row);
    const holder = unique === null ? undefined : this.#keys.holder(unique.key, now);
    if (holder !== undefined) return { status: 'taken', holder };
    const state = codeOf(parents.size > 0 ? 'blocked' : 'waiting');
    const behind = orderKey !== null && parents.size === 0 && this.#order.isInUse(orderKey);
    this.#payload.run(seq, id, name, limitKey, now, spec, body);
    const columns = [seq, queue, priority, runAt, expiresAt, holdMs, state, parents.size];
    this.#full.run(columns, unique?.key ?? null, unique?.until ?? null, orderKey, behind ? 1 : 0);
    for (const [parent, { policy }] of parents) this.#edge.run(seq, parent, policy);
    if (unique !== null && unique.until !== null) this.#keys.holdUntil(unique.key, id, unique.until, now);
    return [...parents.values()].some(({ ended }) => ended) ? insertedLate : inserted;
  }

  #findParents({ id, parents }: NewTask): Map<number, { policy: string; ended: boolean }> {
    const found = new Map<number, { policy: string; ended: boolean }>();
    for (const parent of parents) {
      const row = this.#find.get(parent.id) as [seq: number, state: number] | undefined;
      if (row === undefined) {
        throw new OmniQError('PARENT_UNKNOWN', `The task ${id} waits for ${parent.id}, which does not exist.`, {
          hint: 'Enqueue the parent first, or both in one call.',
          id,
          parent: parent.id,
        });
      }
      if (!found.has(row[0])) found.set(row[0], { policy: parent.policy, ended: row[1] >= FIRST_TERMINAL });
    }
    return found;
  }
}

/** Bound to no other task. */
function isPlain({ unique, orderKey, parents }: NewTask): boolean {
  return unique === null && orderKey === null && parents.length === 0;
}
