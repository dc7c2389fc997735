import { crc32 } from 'node:zlib';
import { OmniQError } from '@omniq/core/storage';
import { readBytesColumn } from '../columns/bytes-column.ts';
import { RowBudget } from '../columns/row-budget.ts';
import { unpackBounded } from '../columns/unpack-bounded.ts';
import { assertTables } from './assert-tables.ts';
import { checkedColumn } from './checked-column.ts';
import { isSettings } from './queue-settings.ts';
import type { LastClaim, StoredSession } from './session-table.ts';
import { snapshotFormat } from './snapshot-format.ts';
import type { Steps } from './steps.ts';
import { TaskRecord, type Rare } from './task-record.ts';
import { TaskTables } from './task-tables.ts';
import {
  isBoolean,
  isBytes,
  isBytesOrNull,
  isCount,
  isNumber,
  isNumberOrNull,
  isPolicy,
  isPriority,
  isRowCount,
  isScheduleState,
  isState,
  isText,
  isTextOrNull,
  isWhole,
} from './value-checks.ts';

/** What a checksum is taken of in one step. */
const CRC_BYTES = 16 * 1_024 * 1_024;

/**
 * Reads a snapshot, step by step.
 * @throws OmniQError `STORE_CORRUPT`, or `STORE_VERSION` for a newer format
 */
export function* decodeMachine(bytes: Uint8Array): Steps<TaskTables> {
  const body = bytes.subarray(0, -4);
  if (bytes.length < 5) throw damaged();
  let sum = 0;
  for (let from = 0; from < body.length; from += CRC_BYTES) {
    sum = crc32(body.subarray(from, from + CRC_BYTES), sum);
    if (body.length > CRC_BYTES) yield;
  }
  if (Buffer.from(bytes.subarray(-4)).readUInt32BE() !== sum) throw damaged();
  try {
    const tables = yield* tablesFrom(unpackBounded(body) as readonly unknown[]);
    yield* assertTables(tables);
    return tables;
  } catch (cause) {
    throw cause instanceof OmniQError ? cause : damaged(cause);
  }
}

function* tablesFrom([
  format,
  counters,
  chunks,
  edges,
  unique,
  remembered,
  sessions,
  over,
  queues,
  results,
  schedules,
]: readonly unknown[]): Steps<TaskTables> {
  if (format !== snapshotFormat.number) {
    throw new OmniQError(
      'STORE_VERSION',
      `The snapshot has format ${String(format)}, this process knows ${snapshotFormat.number}.`,
      {
        hint: 'Upgrade it.',
      },
    );
  }
  const tables = new TaskTables();
  const [seq, lastLease, edgeSeq, revision] = counters as unknown[];
  tables.seq = checked(seq, isWhole);
  tables.lastLease = checked(lastLease, isWhole);
  tables.edges.seq = checked(edgeSeq, isWhole);
  tables.schedules.revision = checked(revision, isWhole);
  for (const fields of sessions as SessionFields[]) {
    const session = sessionFrom(fields);
    tables.sessions.sessions.set(session.id, session);
  }
  yield* eachChunk(chunks, (chunk, budget) => decodeTasks(chunk, tables, budget));
  restoreLeases(tables);
  yield* eachRow(edges, ([place, child, parent, policy]) => {
    const edge = { child: checked(child, isText), parent: checked(parent, isText), policy: checked(policy, isPolicy) };
    tables.edges.restore({ ...edge, seq: checked(place, isWhole), gone: false });
  });
  const [uniqueAt, holds] = unique as readonly unknown[];
  tables.uniqueKeys.sweepAt = checked(uniqueAt, isWhole);
  yield* eachRow(holds, ([key, holder, until]) => {
    const hold = { holder: checked(holder, isText), until: checked(until, isNumberOrNull) };
    tables.uniqueKeys.holds.set(checked(key, isText), hold);
  });
  const [rememberedAt, ids] = remembered as readonly unknown[];
  tables.remembered.sweepAt = checked(rememberedAt, isWhole);
  yield* eachRow(ids, ([id, until]) => {
    tables.remembered.until.set(checked(id, isText), checked(until, isNumber));
  });
  for (const id of over as readonly unknown[]) tables.sessions.over.add(checked(id, isText));
  for (const [queue, settings] of queues as [unknown, unknown][])
    tables.queues.configure(checked(queue, isText), checked(settings, isSettings));
  yield* eachChunk(results, (chunk, budget) => decodeResults(chunk, tables, budget));
  yield* eachRow(schedules, ([id, state, dueAt, number, body]) => {
    const row = {
      id: checked(id, isText),
      state: checked(state, isScheduleState),
      dueAt: checked(dueAt, isNumberOrNull),
    };
    const bytes = checked(readBytesColumn(body, 1)(), isBytes);
    tables.schedules.rows.set(row.id, { ...row, revision: checked(number, isWhole), body: bytes });
  });
  return tables;
}

function* eachChunk(chunks: unknown, take: (chunk: readonly unknown[], budget: RowBudget) => void): Steps<void> {
  for (const chunk of chunks as readonly Uint8Array[]) {
    take(unpackBounded(chunk) as readonly unknown[], new RowBudget(chunk.length));
    yield;
  }
}

function eachRow(chunks: unknown, take: (row: readonly unknown[]) => void): Steps<void> {
  return eachChunk(chunks, (rows) => {
    for (const row of rows) take(row as readonly unknown[]);
  });
}

type SessionFields = readonly [
  id: string,
  host: string,
  pid: number,
  processStart: string,
  openedAt: number,
  beatAt: number,
  beats: number,
  ended: boolean,
  lanes: readonly (readonly [lane: number, request: number, firstLease: number, count: number])[],
];

function sessionFrom([
  id,
  host,
  pid,
  processStart,
  openedAt,
  beatAt,
  beats,
  ended,
  claims,
]: SessionFields): StoredSession {
  const lanes = new Map<number, LastClaim>();
  for (const [lane, request, firstLease, count] of claims) {
    const claim = { request: checked(request, isWhole), firstLease: checked(firstLease, isWhole) };
    lanes.set(checked(lane, isWhole), { ...claim, count: checked(count, isRowCount) });
  }
  return {
    id: checked(id, isText),
    host: checked(host, isText),
    pid: checked(pid, isNumber),
    processStart: checked(processStart, isText),
    openedAt: checked(openedAt, isNumber),
    beatAt: checked(beatAt, isNumber),
    beats: checked(beats, isWhole),
    ended: checked(ended, isBoolean),
    leases: 0,
    cancelled: new Set(),
    lanes,
  };
}

/** Tasks whose leases follow one another under one session are held together, as they were when they were claimed. */
function restoreLeases(tables: TaskTables): void {
  const running = Array.from(tables.tasks.all()).filter(({ state }) => state === 'running');
  running.sort((a, b) => a.lease - b.lease);
  for (let from = 0; from < running.length;) {
    const first = running[from] as TaskRecord;
    let to = from + 1;
    while (running[to]?.lease === first.lease + to - from && running[to]?.session === first.session) to += 1;
    tables.sessions.hold(running.slice(from, to), holderOf(tables, first));
    from = to;
  }
}

function decodeTasks([count, ...columns]: readonly unknown[], tables: TaskTables, budget: RowBudget): void {
  const rows = checked(count, isRowCount);
  if (rows > snapshotFormat.chunkRows) throw new TypeError('a chunk of too many tasks');
  budget.take(rows);
  const column = <T>(index: number, is: (value: unknown) => value is T): ((row: number) => T) =>
    checkedColumn(columns[index], rows, is);
  const [id, queue, name, seq] = [column(0, isText), column(1, isText), column(2, isText), column(3, isWhole)];
  const [createdAt, holdMs, priority] = [column(4, isNumber), column(5, isNumber), column(6, isPriority)];
  const [runAt, state, attempt] = [column(7, isNumber), column(8, isState), column(9, isCount)];
  const [lease, session, startedAt] = [column(10, isWhole), column(11, isTextOrNull), column(12, isNumberOrNull)];
  const [finishedAt, deadlineAt] = [column(13, isNumberOrNull), column(14, isNumberOrNull)];
  const isPassedOver = column(15, isBoolean);
  const [body, spec] = [readBytesColumn(columns[16], rows), readBytesColumn(columns[17], rows)];
  const rare = new Map((columns[18] as RareFields[]).map(([index, ...fields]) => [index, fields]));
  for (let row = 0; row < rows; row += 1) {
    const fields = {
      id: id(row),
      queue: queue(row),
      name: name(row),
      priority: priority(row),
      runAt: runAt(row),
      holdMs: holdMs(row),
      body: checked(body(), isBytesOrNull),
      spec: checked(spec(), isBytesOrNull),
    };
    const task = new TaskRecord(fields, state(row), seq(row), createdAt(row), tables.pool);
    task.attempt = attempt(row);
    task.lease = lease(row);
    task.session = session(row);
    task.startedAt = startedAt(row);
    task.finishedAt = finishedAt(row);
    task.deadlineAt = deadlineAt(row);
    const own = rare.get(row);
    if (own !== undefined) decodeRare(own, task.own);
    tables.tasks.add(task);
    if (task.state === 'waiting' && !isPassedOver(row)) tables.queues.push(task, task.createdAt);
  }
}

function holderOf(tables: TaskTables, { session }: TaskRecord): StoredSession {
  const holder = tables.sessions.sessions.get(session ?? '');
  if (holder === undefined) throw damaged();
  return holder;
}

type RareFields = [index: number, fields: readonly unknown[], bytes: unknown, leases: readonly number[]];

function decodeRare([fields, bytes, leases]: readonly unknown[], rare: Rare): void {
  const [expiresAt, uniqueKey, uniqueUntil, orderKey, limitKey, waitsFor, crashes, redrives, cancelRequested, reason] =
    fields as unknown[];
  const of = leases as readonly unknown[];
  const next = readBytesColumn(bytes, of.length + 2);
  rare.expiresAt = checked(expiresAt, isNumberOrNull);
  rare.uniqueKey = checked(uniqueKey, isTextOrNull);
  rare.uniqueUntil = checked(uniqueUntil, isNumberOrNull);
  rare.orderKey = checked(orderKey, isTextOrNull);
  rare.limitKey = checked(limitKey, isTextOrNull);
  rare.waitsFor = checked(waitsFor, isCount);
  rare.crashes = checked(crashes, isCount);
  rare.redrives = checked(redrives, isCount);
  rare.cancelRequested = checked(cancelRequested, isBoolean);
  rare.reason = checked(reason, isTextOrNull);
  rare.error = checked(next(), isBytesOrNull);
  rare.progress = checked(next(), isBytesOrNull);
  const records = of.map((lease) => ({ lease: checked(lease, isWhole), record: checked(next(), isBytes) }));
  rare.records = records.length > 0 ? records : null;
}

function decodeResults(
  [count, ids, leases, expiries, values]: readonly unknown[],
  tables: TaskTables,
  budget: RowBudget,
): void {
  const rows = checked(count, isRowCount);
  if (rows > snapshotFormat.chunkRows) throw new TypeError('a chunk of too many results');
  budget.take(rows);
  // No two are of one task and lease, so a list as long as that stands behind every number above one.
  if (rows > 1 && [ids, leases].every((column) => (column as readonly unknown[])[0] === 0))
    throw new TypeError('results of one lease');
  const id = checkedColumn(ids, rows, isText);
  const lease = checkedColumn(leases, rows, isNumber);
  const expiresAt = checkedColumn(expiries, rows, isNumberOrNull);
  const value = readBytesColumn(values, rows);
  for (let row = 0; row < rows; row += 1)
    tables.results.put({ id: id(row), lease: lease(row), expiresAt: expiresAt(row), value: checked(value(), isBytes) });
}

function checked<T>(value: unknown, is: (value: unknown) => value is T): T {
  if (!is(value)) throw new TypeError('a value of another kind');
  return value;
}

function damaged(cause?: unknown): OmniQError {
  return new OmniQError('STORE_CORRUPT', 'A snapshot of the tasks is damaged.', { cause });
}
