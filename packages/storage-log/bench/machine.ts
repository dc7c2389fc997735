/**
 * What a replica costs: microseconds a task for each step of its life, the time of snapshots, and the heap that a
 * waiting task takes.
 *
 *   node --expose-gc bench/machine.ts [WAITING ...]     default: 10000 100000 1000000
 */
import type { Command, HeldClaim } from '../src/machine/command.ts';
import { Piece } from '../src/machine/piece.ts';
import { TaskMachine } from '../src/machine/task-machine.ts';
import { packCommand, packEntry, unpackEntry } from '../src/wire/entry.ts';

const now = 1_800_000_000_000;
const measured = 50_000;
const batch = 500;
const header = { writer: 'w', request: 1, at: now, base: 0, digest: 0, knows: 1, activate: 0, mark: null };
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});

interface Row {
  readonly waiting: number;
  readonly insert: string;
  readonly claim: string;
  readonly settle: string;
  readonly snapshotMs: number;
  readonly snapshotMB: number;
  readonly restoreMs: number;
  readonly heapBytes: number;
}

const sizes = process.argv.slice(2).map(Number);
const rows: Row[] = [];
for (const waiting of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]) rows.push(measure(waiting));
console.table(rows);

function measure(waiting: number): Row {
  collect();
  const before = process.memoryUsage();
  const machine = new TaskMachine();
  replay(machine, { verb: 'open', session: { id: 's', host: 'h', pid: 1, processStart: '1' }, now });
  for (let from = 0; from < waiting; from += batch) replay(machine, insertOf(from));
  collect();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  const steps = { insert: 0, claim: 0, settle: 0 };
  for (let from = 0; from < measured; from += batch) {
    steps.insert += replay(machine, insertOf(waiting + from));
    const request = { session: 's', lane: 1, request: from + 1, queues: ['q'], limit: batch, start: 1, now };
    const claimed: HeldClaim[] = [];
    steps.claim += replay(machine, { verb: 'claim', request }, claimed);
    steps.settle += replay(machine, {
      verb: 'update',
      now,
      changes: claimed.map(({ id, lease }) => ({
        id,
        guard: { lease },
        set: { state: 'completed', attempt: 1, startedAt: now, finishedAt: now },
      })),
    });
    replay(machine, { verb: 'remove', ids: claimed.map(({ id }) => id), rememberUntil: 0 });
  }
  const began = performance.now();
  const snapshot = machine.snapshot();
  const saved = performance.now();
  TaskMachine.restore(snapshot);
  const restored = performance.now();
  const micros = (ms: number): string => ((ms * 1_000) / measured).toFixed(2);
  return {
    waiting,
    insert: micros(steps.insert),
    claim: micros(steps.claim),
    settle: micros(steps.settle),
    snapshotMs: Math.round(saved - began),
    snapshotMB: Math.round(snapshot.length / 1e6),
    restoreMs: Math.round(restored - saved),
    heapBytes: Math.round(grown / waiting),
  };
}

/** As a replica does it: from the bytes of an entry. Returns the milliseconds that reading and folding it took. */
function replay(machine: TaskMachine, command: Command, claimed: HeldClaim[] = []): number {
  const putAside = (large: Uint8Array): Piece => new Piece(large, 0, large.length);
  const isHeld = (id: string, lease: number): boolean => machine.isHeld(id, lease);
  const bytes = packEntry(header, [packCommand(command, { putAside, isHeld })]);
  const began = performance.now();
  for (const each of unpackEntry(bytes).commands) {
    const outcome = machine.apply(each, null);
    if ('refused' in outcome) throw new Error(outcome.refused.message);
    if (each.verb === 'claim') claimed.push(...(outcome.answer as readonly HeldClaim[]));
  }
  return performance.now() - began;
}

function insertOf(from: number): Command {
  const rows = Array.from({ length: batch }, (_, index) => ({
    id: `0192f5a0-7c3e-7000-8000-${String(from + index).padStart(12, '0')}`,
    queue: 'q',
    name: 'work',
    priority: 0,
    runAt: now,
    expiresAt: null,
    admitBy: now + 900_000,
    holdMs: 3_600_000,
    unique: null,
    orderKey: null,
    limitKey: null,
    parents: [],
    body: new Uint8Array(100).fill(index),
    spec: new Uint8Array(40),
  }));
  return { verb: 'insert', rows, now };
}
