import { OmniQError, type InsertOutcome, type NewTask } from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';
import { BLOCKED, FIRST_END, WAITING } from './rows.ts';
import type { UniqueKeys } from './unique-keys.ts';

const INSERT = `INSERT INTO tasks (id, queue, name, state, priority, run_at, expires_at, created_at, hold_ms, waits_for,
    unique_key, unique_until, order_key, limit_key, spec, big, body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const INSERT_BODY = `INSERT INTO bodies VALUES (?, ?)`;
const INSERT_EDGE = `INSERT INTO edges VALUES (?, ?, ?)`;
const STATE = `SELECT state FROM tasks WHERE id = ?`;
const REMEMBERED = `SELECT 1 FROM tombstones WHERE id = ? AND until > ?`;
const ANY_REMEMBERED = `SELECT EXISTS (SELECT 1 FROM tombstones)`;

/** Larger bodies stand in a table of their own: changing their row then rewrites none of them. */
const BIG = 1_024;

const INSERTED: InsertOutcome = { status: 'inserted', settled: false };
const INSERTED_SETTLED: InsertOutcome = { status: 'inserted', settled: true };
const EXISTS: InsertOutcome = { status: 'exists' };
const LATE: InsertOutcome = { status: 'late' };

/** Puts new tasks into the file. Inside a write transaction. */
export class Inserts {
  readonly #uniques: UniqueKeys;
  readonly #insert: Statement;
  readonly #insertBody: Statement;
  readonly #insertEdge: Statement;
  readonly #state: Statement;
  readonly #remembered: Statement;
  readonly #anyRemembered: Statement;

  constructor({ db }: Connection, uniques: UniqueKeys) {
    this.#uniques = uniques;
    this.#insert = db.prepare(INSERT);
    this.#insertBody = db.prepare(INSERT_BODY);
    this.#insertEdge = db.prepare(INSERT_EDGE);
    this.#state = db.prepare(STATE).pluck();
    this.#remembered = db.prepare(REMEMBERED).pluck();
    this.#anyRemembered = db.prepare(ANY_REMEMBERED).pluck();
  }

  /** @throws OmniQError `PARENT_UNKNOWN`; the transaction is then undone */
  insert(rows: readonly NewTask[], now: number): readonly InsertOutcome[] {
    const anyRemembered = this.#anyRemembered.get() === 1;
    return rows.map((row) => this.#insertOne(row, now, anyRemembered));
  }

  #insertOne(row: NewTask, now: number, anyRemembered: boolean): InsertOutcome {
    const { id, unique, parents, body } = row;
    if (anyRemembered && this.#remembered.get(id, now) !== undefined) return EXISTS;
    if (unique !== null || now > row.admitBy) {
      if (this.#state.get(id) !== undefined) return EXISTS;
      if (now > row.admitBy) return LATE;
      const holder = unique === null ? undefined : this.#uniques.holder(unique.key, now);
      if (holder !== undefined) return { status: 'taken', holder };
    }
    const settled = parents.length > 0 && this.#state.get(id) === undefined && this.#linkParents(row);
    const big = body !== null && body.byteLength > BIG;
    const { changes, lastInsertRowid } = this.#insert.run(
      id,
      row.queue,
      row.name,
      parents.length > 0 ? BLOCKED : WAITING,
      row.priority,
      row.runAt,
      row.expiresAt,
      now,
      row.holdMs,
      parents.length,
      unique?.key ?? null,
      unique?.until ?? null,
      row.orderKey,
      row.limitKey,
      row.spec,
      big ? 1 : 0,
      big ? null : body,
    );
    if (changes === 0) return EXISTS;
    if (big) this.#insertBody.run(lastInsertRowid, body);
    if (unique !== null) this.#uniques.take(unique, id);
    return settled ? INSERTED_SETTLED : INSERTED;
  }

  /** Returns whether any parent has ended already. */
  #linkParents({ id, parents }: NewTask): boolean {
    let settled = false;
    for (const { id: parent, policy } of parents) {
      const state = this.#state.get(parent) as number | undefined;
      if (state === undefined) {
        throw new OmniQError('PARENT_UNKNOWN', `The task ${id} waits for ${parent}, which does not exist.`, {
          hint: 'Enqueue parents first, or together with their children.',
          id,
          parent,
        });
      }
      settled ||= state >= FIRST_END;
      this.#insertEdge.run(parent, id, policy);
    }
    return settled;
  }
}
