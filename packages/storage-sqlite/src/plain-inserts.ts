import type { NewTask } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';

/** So many rows share a statement; the rest of a batch goes one by one. */
const TOGETHER = 10;

const insertPayloads = (count: number): string => `
INSERT INTO omniq_payloads (task, id, name, limit_key, created_at, spec, body)
VALUES ${valuesOf('(?, ?, ?, ?, ?, ?, ?)', count)}
ON CONFLICT (id) DO NOTHING`;

const insertTasks = (count: number): string => `
INSERT INTO omniq_tasks (seq, queue, priority, run_at, expires_at, hold_ms, state)
VALUES ${valuesOf('(?, ?, ?, ?, ?, ?, 1)', count)}`;

/** The numbers were taken for these rows, so whatever has one of them was inserted just now. */
const INSERTED = `SELECT task FROM omniq_payloads WHERE task BETWEEN ? AND ?`;

/** A row that is bound to no other task, with its number and its place in the batch. */
export interface PlainRow {
  readonly seq: number;
  readonly index: number;
  readonly row: NewTask;
}

/** Inserts rows that nothing but their id can keep out: several in one statement, as most rows are such. */
export class PlainInserts {
  readonly #payloads: Statement;
  readonly #payload: Statement;
  readonly #tasks: Statement;
  readonly #task: Statement;
  readonly #inserted: Statement;

  constructor(db: Connection) {
    this.#payloads = db.prepare(insertPayloads(TOGETHER));
    this.#payload = db.prepare(insertPayloads(1));
    this.#tasks = db.prepare(insertTasks(TOGETHER));
    this.#task = db.prepare(insertTasks(1));
    this.#inserted = db.prepare(INSERTED).pluck();
  }

  /** Returns the places of those whose id was there. */
  insert(rows: readonly PlainRow[], now: number): readonly number[] {
    const known: number[] = [];
    let from = 0;
    for (; from + TOGETHER <= rows.length; from += TOGETHER) {
      this.#insertSome(rows.slice(from, from + TOGETHER), now, known);
    }
    for (; from < rows.length; from += 1) this.#insertSome([rows[from] as PlainRow], now, known);
    return known;
  }

  #insertSome(rows: readonly PlainRow[], now: number, known: number[]): void {
    const statement = rows.length === 1 ? this.#payload : this.#payloads;
    const { changes } = statement.run(payloadValues(rows, now));
    this.#insertTasks(changes === rows.length ? rows : this.#sift(rows, known));
  }

  #sift(rows: readonly PlainRow[], known: number[]): readonly PlainRow[] {
    const inserted = new Set(this.#inserted.all(rows[0]?.seq, rows.at(-1)?.seq));
    for (const { seq, index } of rows) if (!inserted.has(seq)) known.push(index);
    return rows.filter(({ seq }) => inserted.has(seq));
  }

  #insertTasks(rows: readonly PlainRow[]): void {
    if (rows.length === TOGETHER) this.#tasks.run(taskValues(rows));
    else for (const row of rows) this.#task.run(taskValues([row]));
  }
}

function payloadValues(rows: readonly PlainRow[], now: number): unknown[] {
  const values: unknown[] = [];
  for (const { seq, row } of rows) values.push(seq, row.id, row.name, row.limitKey, now, row.spec, row.body);
  return values;
}

function taskValues(rows: readonly PlainRow[]): unknown[] {
  const values: unknown[] = [];
  for (const { seq, row } of rows) values.push(seq, row.queue, row.priority, row.runAt, row.expiresAt, row.holdMs);
  return values;
}

function valuesOf(row: string, count: number): string {
  return Array.from({ length: count }, () => row).join(', ');
}
