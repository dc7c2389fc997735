import { crc32 } from 'node:zlib';
import { OmniQError, type NewSession } from '@omniq/core/storage';
import { readBytesColumn, toBytesColumn } from '../columns/bytes-column.ts';
import { readColumn, toColumn } from '../columns/column.ts';
import { packr } from '../columns/packr.ts';
import type { HeldRecord, HeldResult, HeldSchedule } from './command.ts';
import type { Bytes } from './piece.ts';
import type { StoredSession } from './session-table.ts';
import { ordinary, TaskRecord, type Rare } from './task-record.ts';
import { TaskTables } from './task-tables.ts';

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
    return tablesFrom(packr.unpack(body) as readonly unknown[]);
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
  const texts: Interned = new Map();
  [tables.seq, tables.lastLease, tables.edges.seq, tables.schedules.revision] = counters as [
    number,
    number,
    number,
    number,
  ];
  for (const [id, host, pid, processStart, openedAt, beatAt, beats, ended, claims] of sessions as SessionFields[]) {
    const session = { id, host, pid, processStart, openedAt, beatAt, beats, ended, leases: 0 };
    const lanes = new Map(claims.map(([lane, request, firstLease, count]) => [lane, { request, firstLease, count }]));
    tables.sessions.sessions.set(id, { ...session, cancelled: new Set(), lanes });
  }
  for (const chunk of chunks as readonly Uint8Array[])
    decodeTasks(packr.unpack(chunk) as readonly unknown[], tables, texts);
  const running = Array.from(tables.tasks.all()).filter(({ state }) => state === 'running');
  for (const task of running.sort((a, b) => a.lease - b.lease)) tables.sessions.hold([task], holderOf(tables, task));
  for (const [seq, child, parent, policy] of edges as [number, string, string, 'run'][])
    tables.edges.restore({ seq, gone: false, child, parent, policy });
  const [uniqueAt, holds] = unique as [number, [string, string, number | null][]];
  tables.uniqueKeys.sweepAt = uniqueAt;
  for (const [key, holder, until] of holds) tables.uniqueKeys.holds.set(key, { holder, until });
  const [rememberedAt, ids] = remembered as [number, [string, number][]];
  tables.remembered.sweepAt = rememberedAt;
  for (const [id, until] of ids) tables.remembered.until.set(id, until);
  for (const id of over as readonly string[]) tables.sessions.over.add(id);
  for (const [queue, settings] of queues as [string, object][]) tables.queues.configure(queue, settings);
  decodeResults(results as readonly unknown[], tables);
  for (const [id, state, dueAt, revision, row] of schedules as [
    string,
    HeldSchedule['state'],
    number | null,
    number,
    unknown,
  ][])
    tables.schedules.rows.set(id, { id, state, dueAt, revision, body: readBytesColumn(row, 1)() as Bytes });
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

type Interned = Map<string, string>;

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

function decodeTasks([count, ...columns]: readonly unknown[], tables: TaskTables, texts: Interned): void {
  const rows = count as number;
  const column = <T>(index: number): ((row: number) => T) => readColumn(columns[index], rows) as (row: number) => T;
  const [id, queue, name, seq] = [column<string>(0), column<string>(1), column<string>(2), column<number>(3)];
  const [createdAt, holdMs, priority, runAt] = [
    column<number>(4),
    column<number>(5),
    column<number>(6),
    column<number>(7),
  ];
  const [state, attempt, lease] = [column<TaskRecord['state']>(8), column<number>(9), column<number>(10)];
  const [session, startedAt, finishedAt] = [
    column<string | null>(11),
    column<number | null>(12),
    column<number | null>(13),
  ];
  const [deadlineAt, isPassedOver] = [column<number | null>(14), column<boolean>(15)];
  const [body, spec] = [readBytesColumn(columns[16], rows), readBytesColumn(columns[17], rows)];
  const rare = new Map((columns[18] as RareFields[]).map(([index, ...fields]) => [index, fields]));
  for (let row = 0; row < rows; row += 1) {
    const fields = {
      id: id(row),
      queue: interned(texts, queue(row)),
      name: interned(texts, name(row)),
      priority: priority(row),
      runAt: runAt(row),
      holdMs: holdMs(row),
      body: body(),
      spec: spec(),
    };
    const task = new TaskRecord(fields, state(row), seq(row), createdAt(row));
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
    fields as [
      number | null,
      string | null,
      number | null,
      string | null,
      string | null,
      number,
      number,
      number,
      boolean,
      string | null,
    ];
  const of = leases as readonly number[];
  const next = readBytesColumn(bytes, of.length + 2);
  const [error, progress] = [next(), next()];
  const records = of.map((lease): HeldRecord => ({ lease, record: next() as Bytes }));
  Object.assign(rare, {
    expiresAt,
    uniqueKey,
    uniqueUntil,
    orderKey,
    limitKey,
    waitsFor,
    crashes,
    redrives,
    cancelRequested,
    reason,
    error,
    progress,
    records: records.length > 0 ? records : null,
  } satisfies Rare);
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
  const rows = count as number;
  const id = readColumn(ids, rows) as (row: number) => string;
  const lease = readColumn(leases, rows) as (row: number) => number;
  const expiresAt = readColumn(expiries, rows) as (row: number) => number | null;
  const value = readBytesColumn(values, rows);
  for (let row = 0; row < rows; row += 1)
    tables.results.put({ id: id(row), lease: lease(row), expiresAt: expiresAt(row), value: value() as Bytes });
}

/** All bytes in the snapshot itself, but for those that lie in packs. */
function whole(values: readonly (Bytes | null)[]): unknown {
  return toBytesColumn(values, null);
}

function interned(texts: Interned, text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  texts.set(text, text);
  return text;
}

function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += CHUNK) chunks.push(items.slice(from, from + CHUNK));
  return chunks;
}

function damaged(cause?: unknown): OmniQError {
  return new OmniQError('STORE_CORRUPT', 'A snapshot of the tasks is damaged.', { cause });
}
