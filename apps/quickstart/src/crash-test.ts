import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { historyVariable, judgeHistory } from './job-history.ts';
import { MainProcess, type Ended } from './main-process.ts';
import type { Report } from './report.ts';
import { writeSampleTree } from './sample-tree.ts';

const help = `Kills the quickstart job with kill -9 at random moments, goes on each time with the same command, and compares
every finished run with an undisturbed one. Every process writes down what it asks of the queue and is told; a checker
judges that as well.

  npx -y pnpm@12 crash-test [options]

--store NAME   sqlite or file; default sqlite
--kills N      how many kills, over as many runs as it takes; default 50
--seed S       of the random moments; default random, and printed
--folder F     what to index; default: a generated tree
--files N      files in the generated tree; default 2000
`;

/** The parts of a report that any two runs over one folder share. */
const shared = ['digest', 'files', 'bytes', 'words', 'duplicates', 'unreadable', 'tasks'] as const;

/** A process that takes so long will not end. */
const STUCK_MS = 120_000;

interface Tally {
  kills: number;
  runs: number;
  identical: number;
  /** Tasks that had begun and were not settled when their process was killed. */
  running: number;
  /** Runs of a task beyond its first. */
  repeated: number;
  longestRestartMs: number;
  /** What the histories of all runs come to. */
  acked: number;
  started: number;
  ended: number;
  duplicates: number;
  violations: number;
  readonly faults: string[];
}

async function main(): Promise<number> {
  const { store, kills, seed, folder, files, showHelp } = readArguments();
  if (showHelp) return say(help, 0);
  const place = await mkdtemp(join(tmpdir(), 'omniq-crash-test-'));
  try {
    const tree = folder ?? join(place, 'tree');
    if (folder === undefined) await writeSampleTree(tree, files);
    return await crash({ place, store }, tree, kills, seed);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function crash(target: Target, tree: string, kills: number, seed: number): Promise<number> {
  const random = randomFrom(seed);
  say(`seed ${seed}, ${kills} kills, ${target.store}, ${tree}`);
  const began = performance.now();
  const { report: undisturbed, stderr } = await new MainProcess(argumentsFor(target, tree, 0)).ended;
  if (undisturbed === null) return say(`The undisturbed run failed:\n${stderr}`, 1);
  const usualMs = performance.now() - began;
  say(`undisturbed: ${undisturbed.files} files, ${undisturbed.tasks} tasks, ${Math.round(usualMs)} ms`);

  const tally = emptyTally();
  while (tally.kills < kills) {
    tally.runs += 1;
    const histories = join(target.place, `history-${tally.runs}`);
    const processes = await disturbedRun(
      argumentsFor(target, tree, tally.runs),
      { [historyVariable]: histories },
      () => (tally.kills < kills ? random() * usualMs : null),
      tally,
    );
    judge(processes, undisturbed, tally);
    await judgeRecords(histories, storageFor(target, tally.runs), tally);
  }
  say(
    `${tally.kills} kills, ${tally.runs} runs, identical ${tally.identical} of ${tally.runs}, ` +
      `repeated executions ${tally.repeated} of at most ${tally.running}, longest restart-to-first-task ${Math.round(tally.longestRestartMs)} ms`,
  );
  say(
    `histories: ${tally.acked} tasks acknowledged, ${tally.ended} ended, ${tally.started} runs, ` +
      `${tally.duplicates} of them duplicates, ${tally.violations} violations`,
  );
  for (const fault of tally.faults) say(`FAULT ${fault}`);
  return tally.faults.length === 0 ? 0 : 1;
}

/** One run to its end, killed after every delay that `nextDelay` gives until it gives none. All its processes. */
async function disturbedRun(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  nextDelay: () => number | null,
  tally: Tally,
): Promise<readonly Ended[]> {
  const processes: Ended[] = [];
  for (;;) {
    const process = new MainProcess(args, env);
    const delay = nextDelay();
    const killer = setTimeout(() => process.child.kill('SIGKILL'), Math.min(delay ?? STUCK_MS, STUCK_MS));
    const ended = await process.ended;
    clearTimeout(killer);
    processes.push(ended);
    if (ended.code !== null || delay === null) return processes;
    tally.kills += 1;
  }
}

/** Compares a finished run with the undisturbed one, and what its processes did with what they were promised. */
function judge(processes: readonly Ended[], undisturbed: Report, tally: Tally): void {
  const fault = (text: string): unknown => tally.faults.push(`run ${tally.runs}: ${text}`);
  const { report, code, stderr } = processes.at(-1) as Ended;
  const differing = shared.filter((key) => report?.[key] !== undisturbed[key]);
  if (report === null) fault(`the last process ended with ${code ?? `kill -9 after ${STUCK_MS} ms`}:\n${stderr}`);
  else if (differing.length > 0)
    fault(`${differing.map((key) => `${key} ${report[key]}, not ${undisturbed[key]}`).join('; ')}`);
  else tally.identical += 1;

  const settled = new Set<string>();
  const executions = new Map<string, number>();
  let running = 0;
  for (const [at, { started, completed, firstTaskMs, code: endedWith }] of processes.entries()) {
    for (const task of started) {
      if (settled.has(task)) fault(`${task} ran again after the store had taken it as completed`);
      executions.set(task, (executions.get(task) ?? 0) + 1);
    }
    completed.forEach((task) => settled.add(task));
    if (endedWith === null) running += started.filter((task) => !completed.has(task)).length;
    if (at > 0) tally.longestRestartMs = Math.max(tally.longestRestartMs, firstTaskMs ?? 0);
  }
  if (report !== null && executions.size !== report.tasks)
    fault(`${executions.size} of ${report.tasks} tasks ever ran`);
  const repeated = [...executions.values()].reduce((sum, count) => sum + count - 1, 0);
  if (repeated > running) fault(`${repeated} executions were repeated, and only ${running} were cut off`);
  tally.running += running;
  tally.repeated += repeated;
}

/** What the processes of a finished run wrote, judged together with what its store holds in the end. */
async function judgeRecords(histories: string, storage: string, tally: Tally): Promise<void> {
  const { verdict, text } = await judgeHistory(histories, storage);
  tally.acked += verdict.acked;
  tally.started += verdict.started;
  tally.ended += verdict.ended;
  tally.duplicates += verdict.duplicates;
  tally.violations += verdict.violations.length;
  if (verdict.violations.length > 0) tally.faults.push(`run ${tally.runs}: ${text}`);
  if (!verdict.complete) tally.faults.push(`run ${tally.runs}: a process did not record its store`);
}

function emptyTally(): Tally {
  const counts = { kills: 0, runs: 0, identical: 0, running: 0, repeated: 0, longestRestartMs: 0 };
  return { ...counts, acked: 0, started: 0, ended: 0, duplicates: 0, violations: 0, faults: [] };
}

/** Where the stores of the runs lie, and of which kind they are. */
interface Target {
  readonly place: string;
  readonly store: string;
}

function argumentsFor(target: Target, tree: string, run: number): readonly string[] {
  return [tree, '--batch', '8', '--storage', storageFor(target, run)];
}

function storageFor({ place, store }: Target, run: number): string {
  return `${store}:${join(place, `run-${run}`)}`;
}

function readArguments(): {
  store: string;
  kills: number;
  seed: number;
  folder: string | undefined;
  files: number;
  showHelp: boolean;
} {
  const { values } = parseArgs({
    args: process.argv.slice(process.argv[2] === '--' ? 3 : 2),
    options: {
      store: { type: 'string', default: 'sqlite' },
      kills: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
      folder: { type: 'string' },
      files: { type: 'string', default: '2000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { store } = values;
  if (store !== 'sqlite' && store !== 'file')
    throw new TypeError(`--store is ${JSON.stringify(store)}; expected sqlite or file.`);
  const whole = (name: 'kills' | 'seed' | 'files'): number => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new TypeError(`--${name} is ${JSON.stringify(values[name])}; expected a whole number.`);
  };
  const folder = values.folder === undefined ? undefined : resolve(values.folder);
  return { store, kills: whole('kills'), seed: whole('seed'), folder, files: whole('files'), showHelp: values.help };
}

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function say(text: string, code = 0): number {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  return code;
}

process.exitCode = await main().catch((error: unknown) => say(String((error as Error)?.message ?? error), 2));
