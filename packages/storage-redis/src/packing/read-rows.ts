import type { ClaimedTask, TaskRow } from '@omniq/core/storage';
import { orNull } from './none.ts';
import { stateOf } from './state-code.ts';

// Where the numbers of a row stand; see `pack_row`, which counts from 1.
const AT = {
  lease: 8,
  state: 16,
  startedAt: 17,
  deadlineAt: 25,
  attempt: 33,
  finishedAt: 41,
  flags: 49,
  priority: 50,
  runAt: 52,
  expiresAt: 60,
  holdMs: 68,
  createdAt: 76,
  crashes: 84,
  redrives: 92,
  waitsFor: 100,
  tail: 116,
  texts: 118,
} as const;

/** What `claim` answers. */
export function claimedTasks(reply: Buffer): ClaimedTask[] {
  const tasks: ClaimedTask[] = [];
  for (let at = 0; at < reply.length;) {
    if (reply.readUInt16LE(at) === BATCH) at = readBatch(reply, at, tasks);
    else {
      const piece = pieceAt(reply, at);
      tasks.push(claimedTask(reply, piece));
      at = piece.end;
    }
  }
  return tasks;
}

/** In the place of an id's length: a range of a batch follows, of consecutive leases. */
const BATCH = 65_535;

/** Their image, which has no number of its own, then id and body of each. */
function readBatch(reply: Buffer, start: number, tasks: ClaimedTask[]): number {
  const image = start + 28;
  const first = image + reply.readUInt16LE(start + 2);
  const end = first + reply.readUInt32LE(start + 4);
  const starting = reply.readUInt16LE(start + 10);
  const lease = reply.readDoubleLE(start + 12);
  const now = reply.readDoubleLE(start + 20);
  const row = image - 8;
  const shared = { ...rowOf(reply, row), deadlineAt: now + reply.readDoubleLE(row + AT.holdMs) };
  let index = 0;
  for (let at = first; at < end; index += 1) {
    const idEnd = at + 2 + reply.readUInt16LE(at);
    const body = idEnd + 4;
    const behind = body + reply.readUInt32LE(idEnd);
    const startedAt = index < starting ? now : null;
    tasks.push({
      id: reply.toString('utf8', at + 2, idEnd),
      ...shared,
      startedAt,
      lease: lease + index,
      ...bodyOf(reply, body, behind),
    });
    at = behind;
  }
  return end;
}

/** What `get` and `list` answer. */
export function taskRows(reply: Buffer): TaskRow[] {
  const rows: TaskRow[] = [];
  for (let at = 0; at < reply.length;) {
    const piece = pieceAt(reply, at);
    const errorAt = piece.end + 8;
    const progressAt = errorAt + reply.readUInt32LE(piece.end);
    at = progressAt + reply.readUInt32LE(piece.end + 4);
    rows.push(taskRow(reply, piece, blob(reply, errorAt, progressAt), blob(reply, progressAt, at)));
  }
  return rows;
}

/** Where a task's id, row and body begin, after their lengths. */
interface Piece {
  readonly id: number;
  readonly row: number;
  readonly body: number;
  readonly end: number;
}

function pieceAt(reply: Buffer, at: number): Piece {
  const id = at + 8;
  const row = id + reply.readUInt16LE(at);
  const body = row + reply.readUInt16LE(at + 2);
  return { id, row, body, end: body + reply.readUInt32LE(at + 4) };
}

function claimedTask(reply: Buffer, { id, row, body, end }: Piece): ClaimedTask {
  return { id: reply.toString('utf8', id, row), ...rowOf(reply, row), ...bodyOf(reply, body, end) };
}

function rowOf(reply: Buffer, row: number): Omit<ClaimedTask, 'id' | 'name' | 'body' | 'spec'> {
  return {
    queue: textAt(reply, row + AT.texts),
    priority: reply.readInt16LE(row + AT.priority),
    runAt: reply.readDoubleLE(row + AT.runAt),
    expiresAt: orNull(reply.readDoubleLE(row + AT.expiresAt)),
    createdAt: reply.readDoubleLE(row + AT.createdAt),
    attempt: reply.readDoubleLE(row + AT.attempt),
    crashes: reply.readDoubleLE(row + AT.crashes),
    redrives: reply.readDoubleLE(row + AT.redrives),
    startedAt: orNull(reply.readDoubleLE(row + AT.startedAt)),
    deadlineAt: orNull(reply.readDoubleLE(row + AT.deadlineAt)),
    lease: reply.readDoubleLE(row + AT.lease),
  };
}

function bodyOf(reply: Buffer, from: number, end: number): Pick<ClaimedTask, 'name' | 'body' | 'spec'> {
  const nameEnd = from + 2 + reply.readUInt16LE(from);
  const specAt = nameEnd + 2 + reply.readUInt16LE(nameEnd) + 4;
  const specLength = reply.readUInt32LE(specAt - 4);
  const bodyAt = specAt + Math.max(specLength - 1, 0);
  return {
    name: reply.toString('utf8', from + 2, nameEnd),
    body: blob(reply, bodyAt, end),
    spec: specLength === 0 ? null : reply.subarray(specAt, bodyAt),
  };
}

function taskRow(reply: Buffer, piece: Piece, error: Uint8Array | null, progress: Uint8Array | null): TaskRow {
  const { row, body } = piece;
  const [, uniqueKey, orderKey, reason] = texts(reply, row + AT.texts, 4) as [string, string, string, string];
  const [, limitKey] = texts(reply, body, 2) as [string, string];
  return {
    ...claimedTask(reply, piece),
    state: stateOf(reply[row + AT.state] as number),
    holdMs: reply.readDoubleLE(row + AT.holdMs),
    cancelRequested: ((reply[row + AT.flags] as number) & 1) === 1,
    finishedAt: orNull(reply.readDoubleLE(row + AT.finishedAt)),
    waitsFor: reply.readDoubleLE(row + AT.waitsFor),
    uniqueKey: uniqueKey || null,
    orderKey: orderKey || null,
    limitKey: limitKey || null,
    reason: reason || null,
    session: reply.toString('utf8', row + reply.readUInt16LE(row + AT.tail) - 1, body) || null,
    error,
    progress,
  };
}

function textAt(reply: Buffer, at: number): string {
  return reply.toString('utf8', at + 2, at + 2 + reply.readUInt16LE(at));
}

function texts(reply: Buffer, from: number, count: number): string[] {
  const found: string[] = [];
  for (let at = from; found.length < count; at += 2 + reply.readUInt16LE(at)) found.push(textAt(reply, at));
  return found;
}

/** The first byte says that there are bytes, be they none. */
function blob(reply: Buffer, from: number, to: number): Uint8Array | null {
  return from === to ? null : reply.subarray(from + 1, to);
}
