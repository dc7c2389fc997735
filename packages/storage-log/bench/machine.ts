/**
 * What a replica costs: microseconds of CPU a task for each step of its life (reading the entries it came in, and what the
 * machine then does), the time of snapshots, and the memory that a waiting task takes besides its body.
 *
 *   node --expose-gc bench/machine.ts [WAITING ...]     default: 10000 100000 1000000
 */
import type { Command, HeldClaim } from '../src/machine/command.ts';
import { Piece } from '../src/machine/piece.ts';
import type { Steps } from '../src/machine/steps.ts';
import { TaskMachine } from '../src/machine/task-machine.ts';
import { packCommand, packEntry, unpackEntry } from '../src/wire/entry.ts';

const now = 1_800_000_000_000;
const measured = 200_000;
const [batch, claimed, bodyBytes] = [500, 100, 100];
const header = { writer: 'w', request: 1, at: now, base: 0, digest: 0, knows: 1, activate: 0, mark: null };
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});

interface Row {
  readonly waiting: number;
  readonly reading: string;
  readonly insert: string;
  readonly claim: string;
  readonly settle: string;
  readonly snapshotMs: number;
  readonly snapshotStepMs: string;
  readonly snapshotMB: number;
  readonly restoreMs: number;
  readonly restoreStepMs: string;
  readonly bytesEach: number;
}

const sizes = process.argv.slice(2).map(Number);
const rows: Row[] = [];
for (const waiting of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]) rows.push(measure(waiting));
console.table(rows);

function measure(waiting: number): Row {
  collect();
  collect();
  const before = process.memoryUsage();
  const machine = new TaskMachine();
  machine.apply({ verb: 'open', session: { id: 's', host: 'h', pid: 1, processStart: '1' }, now }, null);
  const unmeasured = { reading: 0, insert: 0, claim: 0, settle: 0, other: 0 };
  for (let from = 0; from < waiting; from += batch) replay(machine, insertOf(from), unmeasured, 'other');
  collect();
  collect();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  const spent = { reading: 0, insert: 0, claim: 0, settle: 0, other: 0 };
  let request = 0;
  for (let from = 0; from < measured; from += batch) {
    replay(machine, insertOf(waiting + from), spent, 'insert');
    for (let done = 0; done < batch; done += claimed) {
      request += 1;
      const asked = { session: 's', lane: 1, request, queues: ['q'], limit: claimed, start: claimed, now };
      const tasks = replay(machine, { verb: 'claim', request: asked }, spent, 'claim');
      const set = { state: 'completed', attempt: 1, startedAt: now, finishedAt: now } as const;
      const changes = tasks.map(({ id, lease }) => ({ id, guard: { lease }, set }));
      replay(machine, { verb: 'update', now, changes }, spent, 'settle');
      replay(machine, { verb: 'remove', ids: tasks.map(({ id }) => id), rememberUntil: 0 }, spent, 'other');
    }
  }
  const [{ parts }, save] = timed(machine.freezing());
  const snapshot = Buffer.concat(parts);
  const [, restore] = timed(TaskMachine.restoring(snapshot));
  const micros = (ms: number): string => ((ms * 1_000) / measured).toFixed(2);
  return {
    waiting,
    reading: micros(spent.reading),
    insert: micros(spent.insert),
    claim: micros(spent.claim),
    settle: micros(spent.settle),
    snapshotMs: save.ms,
    snapshotStepMs: save.longest,
    snapshotMB: Math.round(snapshot.length / 1e6),
    restoreMs: restore.ms,
    restoreStepMs: restore.longest,
    bytesEach: Math.round(grown / waiting) - bodyBytes,
  };
}

/** How long all the steps took, and the longest ones. */
function timed<T>(steps: Steps<T>): readonly [T, { readonly ms: number; readonly longest: string }] {
  const each: number[] = [];
  for (;;) {
    const began = performance.now();
    const { done, value } = steps.next();
    each.push(performance.now() - began);
    if (done !== true) continue;
    const longest = each.toSorted((a, b) => b - a).slice(0, 3);
    const ms = each.reduce((sum, one) => sum + one, 0);
    return [value, { ms: Math.round(ms), longest: longest.map((one) => one.toFixed(0)).join(' ') }];
  }
}

type Step = 'insert' | 'claim' | 'settle' | 'other';

/** As a replica does it, from the bytes of an entry; those that are not ours to answer need no claims listed. */
function replay(
  machine: TaskMachine,
  command: Command,
  spent: Record<Step | 'reading', number>,
  step: Step,
): readonly HeldClaim[] {
  const putAside = (large: Uint8Array): Piece => new Piece(large, 0, large.length);
  const isHeld = (id: string, lease: number): boolean => machine.isHeld(id, lease);
  const bytes = packEntry(header, [packCommand(command, { putAside, isHeld })]);
  const began = cpuMs();
  const { commands } = unpackEntry(bytes);
  const read = cpuMs();
  const outcomes = commands.map((each) => machine.apply(each, null));
  if (step !== 'other') spent.reading += read - began;
  spent[step] += cpuMs() - read;
  const [outcome] = outcomes;
  if (outcome === undefined || 'refused' in outcome) throw new Error(outcome?.refused.message);
  return command.verb === 'claim' ? (outcome.answer as readonly HeldClaim[]) : [];
}

/** Of this thread: others may be busy on the same machine. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
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
    body: new Uint8Array(bodyBytes).fill(index),
    spec: new Uint8Array(40),
  }));
  return { verb: 'insert', rows, now };
}
