import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createOmniQ, silent, type OmniQ } from '@omniq/omniq';
import { checkHistory, readHistory, snapshotOf, type Verdict } from '@omniq/testkit/history';
import { openArena, type Arena } from './arena.ts';
import { faults, type Fault, type Target } from './faults.ts';
import { doneBy, idleSince, startMember, stopMember, type Member } from './fleet.ts';
import { REPORT_MS, type Role } from './message.ts';
import { Recovery } from './recovery.ts';

export interface TortureOptions {
  readonly backend: string;
  readonly faults: readonly string[];
  readonly seconds: number;
  readonly workers: number;
  readonly producers: number;
  /** Tasks a second of all producers together. */
  readonly rate: number;
  readonly random: () => number;
  readonly say: (line: string) => void;
}

export interface TortureReport {
  readonly verdict: Verdict;
  /** Ms after the end of each fault until the fleet worked at 90 % of its usual rate. */
  readonly recoveries: readonly number[];
  readonly failures: number;
  /** What must not be: unhandled rejections, processes that ended badly, workers that stopped claiming. */
  readonly faults: readonly string[];
}

const WARM_UP_MS = 5_000;
/** After the last fault everything has to come to rest in this time. */
const REST_MS = 120_000;
/** After the last fault every worker has to have done something in this time. */
const CLAIM_MS = 45_000;
const TRIES = 200;

/** A fleet works on a server while faults strike it; then all is healed, drained, and judged by what everybody wrote down. */
export async function torture(options: TortureOptions): Promise<TortureReport> {
  const history = await mkdtemp(join(tmpdir(), 'omniq-torture-'));
  const arena = await openArena(options.backend, options.random);
  const members = rolesOf(options, arena.url, history).map((role) => startMember(role));
  try {
    const recovery = await strike(options, arena, members);
    return await judge(options, arena, members, history, recovery);
  } finally {
    for (const { child } of members) child.kill('SIGKILL');
    await arena.stop();
    await rm(history, { recursive: true, force: true });
  }
}

function rolesOf({ backend, workers, producers, rate }: TortureOptions, url: string, history: string): Role[] {
  const role = (kind: Role['kind']): Role => ({ kind, backend, url, history, rate: rate / producers });
  return [
    ...Array.from({ length: producers }, () => role('producer')),
    ...Array.from({ length: workers }, () => role('worker')),
  ];
}

async function strike(options: TortureOptions, arena: Arena, members: Member[]): Promise<Recovery> {
  const { seconds, random, say } = options;
  const recovery = new Recovery();
  const workers = (): Member[] => members.filter(({ role }) => role.kind === 'worker');
  let before = 0;
  let last = doneBy(workers());
  const sampling = setInterval(() => {
    const done = doneBy(workers());
    // A worker that took the place of another begins at nothing.
    before += Math.max(0, done - last);
    last = done;
    recovery.sample(before);
  }, REPORT_MS);
  if (!(await comesTrue(() => before > 0, REST_MS))) throw new Error('The fleet does nothing, without any fault.');
  await sleep(WARM_UP_MS);
  recovery.begin();
  say(`usual rate ${Math.round(recovery.usual)} tasks a second`);
  let over = false;
  const target: Target = { arena, members, random, recovery, isOver: () => over };
  const striking = options.faults.map((name) => (faults[name] as Fault)(target));
  await sleep(seconds * 1_000);
  over = true;
  await Promise.all(striking);
  arena.proxy.heal();
  await comesTrue(() => !recovery.isPending, CLAIM_MS);
  clearInterval(sampling);
  return recovery;
}

async function judge(
  options: TortureOptions,
  arena: Arena,
  members: readonly Member[],
  history: string,
  recovery: Recovery,
): Promise<TortureReport> {
  const found: string[] = [];
  const ends = new Map<Member, string>();
  const stop = async (kind: Role['kind']): Promise<void> => {
    const those = members.filter(({ role }) => role.kind === kind);
    await Promise.all(those.map(async (member) => ends.set(member, await stopMember(member))));
  };
  const workers = members.filter(({ role }) => role.kind === 'worker');
  const idle = await idleSince(workers, performance.now(), CLAIM_MS);
  if (idle.length > 0) found.push(`${idle.length} workers claimed nothing for ${CLAIM_MS} ms after the last fault`);
  if (recovery.isPending) found.push(`90 % of the usual rate were not reached within ${CLAIM_MS} ms`);
  await stop('producer');
  const storage = { storage: arena.server.url, logger: silent };
  const omniq = await createOmniQ(storage);
  try {
    const left = await drained(omniq);
    if (left !== 0)
      found.push(`${Number.isNaN(left) ? 'unknown' : left} tasks did not come to an end within ${REST_MS} ms`);
    await stop('worker');
    for (const [{ role, report }, end] of ends) {
      if (end !== '0') found.push(`a ${role.kind} ended with ${end}`);
      for (const rejection of report.unhandled) found.push(`a ${role.kind} left a rejection unhandled: ${rejection}`);
    }
    const snapshot = await snapshotOf(omniq.tasks);
    options.say(`${snapshot.size} tasks in the store; judging`);
    const verdict = checkHistory(await readHistory(history), { snapshot, storeSkewMs: 1_000 });
    const failures = members.reduce((sum, { report }) => sum + report.failures, 0);
    return { verdict, recoveries: recovery.times, failures, faults: found };
  } finally {
    await omniq.close();
  }
}

async function comesTrue(claim: () => boolean, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (!claim() && performance.now() < deadline) await sleep(REPORT_MS);
  return claim();
}

/** How many are left that have not ended. */
async function drained(omniq: OmniQ): Promise<number> {
  for (let tries = 0; ; tries += 1) {
    const queues = await omniq.queues.list().catch(() => null);
    const left = queues?.reduce((sum, { counts }) => sum + liveOf(counts), 0) ?? Number.NaN;
    if (left === 0 || tries >= TRIES) return left;
    await sleep(REST_MS / TRIES);
  }
}

function liveOf(counts: Readonly<Record<string, number>>): number {
  return ['blocked', 'scheduled', 'pending', 'running'].reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}
