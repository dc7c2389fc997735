import { crc32 } from 'node:zlib';
import { OmniQError, type NewSession } from '@omniq/core/storage';
import { readBytesColumn, toBytesColumn } from '../columns/bytes-column.ts';
import { toColumn } from '../columns/column.ts';
import { packr } from '../columns/packr.ts';
import { unpackBounded } from '../columns/unpack-bounded.ts';
import { assertTables } from './assert-tables.ts';
import { checkedColumn } from './checked-column.ts';
import type { HeldResult } from './command.ts';
import type { Bytes } from './piece.ts';
import { isSettings } from './queue-settings.ts';
import type { LastClaim, StoredSession } from './session-table.ts';
import { ordinary, TaskRecord, type Rare } from './task-record.ts';
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

const FORMAT = 1;
/** Tasks that are encoded together: their bytes lie in one array, which lives as long as one of them. */
const CHUNK = 4_096;

/** The whole state as bytes, the same for equal states. */
export function encodeMachine(tables: TaskTables): Uint8Array {
  const body = packr.pack([
    FORMAT,
    [tables.seq, tables.lastLease, tables.edges.seq, tables.schedules.revision],
    chunksOf([...tables.tasks.all()]).map((tasks) => packr.pack(encodeTasks(tasks))),
    Array.from(tables.edges.all(), ({ seq, child, parent, policy }) => [seq, child, parent, policy]),
    [
      tables.uniqueKeys.sweepAt,
      Array.from(tables.uniqueKeys.holds, ([key, { holder, until }]) => [key, holder, until]),
    ],
    [tables.remembered.sweepAt, [...tables.remembered.until]],
    Array.from(tables.sessions.sessions.values(), encodeSession),
    [...tables.sessions.over],
    tables.queues
      .rows()
      .map(({ queue, paused, concurrency, rate, perKey }) => [queue, { paused, concurrency, rate, perKey }]),
    encodeResults([...tables.results.all()]),
    Array.from(tables.schedules.rows.values(), ({ id, state, dueAt, revision, body: bytes }) => [
      id,
      state,
      dueAt,
      revision,
      whole([bytes]),
    ]),
  ]);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(body));
  return Buffer.concat([body, end]);
}

/** @throws OmniQError `STORE_CORRUPT`, or `STORE_VERSION` for a newer format */
export function decodeMachine(bytes: Uint8Array): TaskTables {
  const body = bytes.subarray(0, -4);
  if (bytes.length < 5 || Buffer.from(bytes.subarray(-4)).readUInt32BE() !== crc32(body)) throw damaged();
  try {
    const tables = tablesFrom(unpackBounded(body) as readonly unknown[]);
    assertTables(tables);
    return tables;
  } catch (cause) {
    throw cause instanceof OmniQError ? cause : damaged(cause);
  }
}

function tablesFrom([
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
]: readonly unknown[]): TaskTables {
  if (format !== FORMAT) {
    throw new OmniQError('STORE_VERSION', `The snapshot has format ${String(format)}, this process knows ${FORMAT}.`, {
      hint: 'Upgrade it.',
    });
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
  for (const chunk of chunks as readonly Uint8Array[]) decodeTasks(unpackBounded(chunk) as readonly unknown[], tables);
  restoreLeases(tables);
  for (const [place, child, parent, policy] of edges as unknown[][]) {
    const edge = { child: checked(child, isText), parent: checked(parent, isText), policy: checked(policy, isPolicy) };
    tables.edges.restore({ ...edge, seq: checked(place, isWhole), gone: false });
  }
  const [uniqueAt, holds] = unique as [unknown, [unknown, unknown, unknown][]];
  tables.uniqueKeys.sweepAt = checked(uniqueAt, isWhole);
  for (const [key, holder, until] of holds) {
    const hold = { holder: checked(holder, isText), until: checked(until, isNumberOrNull) };
    tables.uniqueKeys.holds.set(checked(key, isText), hold);
  }
  const [rememberedAt, ids] = remembered as [unknown, [unknown, unknown][]];
  tables.remembered.sweepAt = checked(rememberedAt, isWhole);
  for (const [id, until] of ids) tables.remembered.until.set(checked(id, isText), checked(until, isNumber));
  for (const id of over as readonly unknown[]) tables.sessions.over.add(checked(id, isText));
  for (const [queue, settings] of queues as [unknown, unknown][])
    tables.queues.configure(checked(queue, isText), checked(settings, isSettings));
  decodeResults(results as readonly unknown[], tables);
  for (const [id, state, dueAt, number, body] of schedules as unknown[][]) {
    const row = {
      id: checked(id, isText),
      state: checked(state, isScheduleState),
      dueAt: checked(dueAt, isNumberOrNull),
    };
    const bytes = checked(readBytesColumn(body, 1)(), isBytes);
    tables.schedules.rows.set(row.id, { ...row, revision: checked(number, isWhole), body: bytes });
  }
  return tables;
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

function encodeSession(session: StoredSession & NewSession): SessionFields {
  const { id, host, pid, processStart, openedAt, beatAt, beats, ended, lanes } = session;
  const claims = Array.from(
    lanes,
    ([lane, { request, firstLease, count }]) => [lane, request, firstLease, count] as const,
  );
  return [id, host, pid, processStart, openedAt, beatAt, beats, ended, claims.sort(([x], [y]) => x - y)];
}

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

function encodeTasks(tasks: readonly TaskRecord[]): readonly unknown[] {
  const column = (value: (task: TaskRecord) => unknown): unknown => toColumn(tasks.map(value));
  return [
    tasks.length,
    column(({ id }) => id),
    column(({ queue }) => queue),
    column(({ name }) => name),
    column(({ seq }) => seq),
    column(({ createdAt }) => createdAt),
    column(({ holdMs }) => holdMs),
    column(({ priority }) => priority),
    column(({ runAt }) => runAt),
    column(({ state }) => state),
    column(({ attempt }) => attempt),
    column(({ lease }) => lease),
    column(({ session }) => session),
    column(({ startedAt }) => startedAt),
    column(({ finishedAt }) => finishedAt),
    column(({ deadlineAt }) => deadlineAt),
    // One that a claim found expired stands in no line any more, and no later claim may find it again.
    column(({ state, place }) => state === 'waiting' && place === 0),
    whole(tasks.map(({ body }) => body)),
    whole(tasks.map(({ spec }) => spec)),
    tasks.flatMap(({ rare }, index) => (isOrdinary(rare) ? [] : [[index, ...encodeRare(rare)]])),
  ];
}

function decodeTasks([count, ...columns]: readonly unknown[], tables: TaskTables): void {
  const rows = checked(count, isRowCount);
  if (rows > CHUNK) throw new TypeError('a chunk of too many tasks');
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
    const task = new TaskRecord(fields, state(row), seq(row), createdAt(row), tables.shared);
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

function isOrdinary(rare: Readonly<Rare>): boolean {
  return rare === ordinary || Object.entries(ordinary).every(([key, value]) => rare[key as keyof Rare] === value);
}

function encodeRare(rare: Readonly<Rare>): readonly unknown[] {
  const records = rare.records ?? [];
  return [
    [
      rare.expiresAt,
      rare.uniqueKey,
      rare.uniqueUntil,
      rare.orderKey,
      rare.limitKey,
      rare.waitsFor,
      rare.crashes,
      rare.redrives,
      rare.cancelRequested,
      rare.reason,
    ],
    whole([rare.error, rare.progress, ...records.map(({ record }) => record)]),
    records.map(({ lease }) => lease),
  ];
}

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

function encodeResults(results: readonly HeldResult[]): readonly unknown[] {
  const sorted = results.toSorted((a, b) => (a.id === b.id ? a.lease - b.lease : a.id < b.id ? -1 : 1));
  const column = (value: (result: HeldResult) => unknown): unknown => toColumn(sorted.map(value));
  return [
    sorted.length,
    column(({ id }) => id),
    column(({ lease }) => lease),
    column(({ expiresAt }) => expiresAt),
    whole(sorted.map(({ value }) => value)),
  ];
}

function decodeResults([count, ids, leases, expiries, values]: readonly unknown[], tables: TaskTables): void {
  const rows = checked(count, isCount);
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

/** All bytes in the snapshot itself, but for those that lie in packs. */
function whole(values: readonly (Bytes | null)[]): unknown {
  return toBytesColumn(values, null);
}

function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += CHUNK) chunks.push(items.slice(from, from + CHUNK));
  return chunks;
}

function checked<T>(value: unknown, is: (value: unknown) => value is T): T {
  if (!is(value)) throw new TypeError('a value of another kind');
  return value;
}

function damaged(cause?: unknown): OmniQError {
  return new OmniQError('STORE_CORRUPT', 'A snapshot of the tasks is damaged.', { cause });
}
