import type { NewSession } from '@omniq/core/storage';
import { toColumn } from '../columns/column.ts';
import type { HeldResult } from './command.ts';
import type { StoredEdge } from './edge-table.ts';
import type { StoredHeldSchedule } from './schedule-table.ts';
import type { StoredSession } from './session-table.ts';
import { snapshotFormat } from './snapshot-format.ts';
import { SnapshotParts } from './snapshot-parts.ts';
import type { Steps } from './steps.ts';
import { TaskFreeze, type TaskFields } from './task-freeze.ts';
import { ordinary, type Rare } from './task-record.ts';
import type { TaskTables } from './task-tables.ts';

/** A snapshot before it is put together. */
export interface EncodedMachine {
  readonly parts: readonly Uint8Array[];
  /** Keys of the packs that hold any of its bytes. */
  readonly packs: ReadonlySet<string>;
}

/**
 * The whole state as it is at the first step, the same for equal states, whatever is folded between the steps. A step
 * takes some milliseconds.
 * @param rows of a table that are encoded in one step
 */
export function* encodeMachine(tables: TaskTables, rows: number = snapshotFormat.chunkRows): Steps<EncodedMachine> {
  const { freezes } = tables.pool;
  const freeze = new TaskFreeze(tables.tasks.frozen(), tables.seq);
  freezes.push(freeze);
  try {
    const parts = new SnapshotParts(rows);
    yield* encodeTables(tables, freeze, parts);
    return parts;
  } finally {
    freezes.splice(freezes.indexOf(freeze), 1);
  }
}

/** All that may change is copied before the first pause: rows that never change by reference, tasks by the freeze. */
function* encodeTables(tables: TaskTables, freeze: TaskFreeze, parts: SnapshotParts): Steps<void> {
  const { tasks, edges, uniqueKeys, remembered, sessions, queues } = tables;
  const chunks = Math.ceil(tasks.size / parts.rows);
  const edgeRows = edges.copy();
  const [keySweepAt, keys, holds] = [uniqueKeys.sweepAt, [...uniqueKeys.holds.keys()], [...uniqueKeys.holds.values()]];
  const [idSweepAt, ids, untils] = [remembered.sweepAt, [...remembered.until.keys()], [...remembered.until.values()]];
  const sessionRows = Array.from(sessions.sessions.values(), encodeSession);
  const over = [...sessions.over];
  const settings = queues
    .rows()
    .map(({ queue, paused, concurrency, rate, perKey }) => [queue, { paused, concurrency, rate, perKey }]);
  const results = [...tables.results.all()];
  const schedules = [...tables.schedules.rows.values()];
  parts.list(11);
  parts.value(snapshotFormat.number);
  parts.value([tables.seq, tables.lastLease, edges.seq, tables.schedules.revision]);
  parts.list(chunks);
  for (const chunk of freeze.chunks(parts.rows)) {
    parts.inner(encodeTasks(chunk, parts));
    yield;
  }
  yield* encodeRows(parts, edgeRows.length, (at) => encodeEdge(edgeRows[at] as StoredEdge));
  parts.list(2);
  parts.value(keySweepAt);
  yield* encodeRows(parts, keys.length, (at) => [keys[at], holds[at]?.holder, holds[at]?.until]);
  parts.list(2);
  parts.value(idSweepAt);
  yield* encodeRows(parts, ids.length, (at) => [ids[at], untils[at]]);
  parts.value(sessionRows);
  parts.value(over);
  parts.value(settings);
  yield* encodeChunks(parts, results.length, (from, to) => encodeResults(results.slice(from, to), parts));
  yield* encodeRows(parts, schedules.length, (at) => encodeSchedule(schedules[at] as StoredHeldSchedule, parts));
  parts.seal();
}

function encodeRows(parts: SnapshotParts, rows: number, encode: (at: number) => unknown): Steps<void> {
  return encodeChunks(parts, rows, (from, to) => Array.from({ length: to - from }, (_, index) => encode(from + index)));
}

function* encodeChunks(parts: SnapshotParts, rows: number, encode: (from: number, to: number) => unknown): Steps<void> {
  parts.list(Math.ceil(rows / parts.rows));
  for (let from = 0; from < rows; from += parts.rows) {
    parts.inner(encode(from, Math.min(rows, from + parts.rows)));
    yield;
  }
}

function encodeEdge({ seq, child, parent, policy }: StoredEdge): readonly unknown[] {
  return [seq, child, parent, policy];
}

function encodeSchedule({ id, state, dueAt, revision, body }: StoredHeldSchedule, parts: SnapshotParts): unknown {
  return [id, state, dueAt, revision, parts.bytes([body])];
}

function encodeSession(session: StoredSession & NewSession): readonly unknown[] {
  const { id, host, pid, processStart, openedAt, beatAt, beats, ended, lanes } = session;
  const claims = Array.from(
    lanes,
    ([lane, { request, firstLease, count }]) => [lane, request, firstLease, count] as const,
  );
  return [id, host, pid, processStart, openedAt, beatAt, beats, ended, claims.sort(([x], [y]) => x - y)];
}

function encodeTasks(tasks: readonly TaskFields[], parts: SnapshotParts): readonly unknown[] {
  const column = (value: (task: TaskFields) => unknown): unknown => toColumn(tasks.map(value));
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
    parts.bytes(tasks.map(({ body }) => body)),
    parts.bytes(tasks.map(({ spec }) => spec)),
    tasks.flatMap(({ rare }, index) => (isOrdinary(rare) ? [] : [[index, ...encodeRare(rare, parts)]])),
  ];
}

function isOrdinary(rare: Readonly<Rare>): boolean {
  return rare === ordinary || Object.entries(ordinary).every(([key, value]) => rare[key as keyof Rare] === value);
}

function encodeRare(rare: Readonly<Rare>, parts: SnapshotParts): readonly unknown[] {
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
    parts.bytes([rare.error, rare.progress, ...records.map(({ record }) => record)]),
    records.map(({ lease }) => lease),
  ];
}

function encodeResults(results: readonly HeldResult[], parts: SnapshotParts): readonly unknown[] {
  const column = (value: (result: HeldResult) => unknown): unknown => toColumn(results.map(value));
  return [
    results.length,
    column(({ id }) => id),
    column(({ lease }) => lease),
    column(({ expiresAt }) => expiresAt),
    parts.bytes(results.map(({ value }) => value)),
  ];
}
