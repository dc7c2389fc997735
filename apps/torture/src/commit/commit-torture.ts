import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createOmniQ, defineContract, silent, type OmniQ } from '@omniq/omniq';
import { openLedger } from './ledger.ts';
import { steps } from './step.ts';

const pay = defineContract<string, string>({ name: 'pay' });
const program = new URL('paying-process.ts', import.meta.url);

/** Tasks are added so many at a time, so that there is always one to die in. */
const BATCH = 200;
/** A process dies in one of its first so many payments, or within so many ms of its start of work. */
const FIRST = 20;
const WITHIN_MS = 40;

export interface CommitVerdict {
  readonly kills: number;
  readonly tasks: number;
  /** Tasks completed, each with its one line. */
  readonly paid: number;
  /** Tasks that ended otherwise, without a line: those that took too many processes down. */
  readonly failed: number;
  /** Completed without a line, a line without its completion, or two lines. */
  readonly violations: readonly string[];
}

/**
 * Kills processes that complete their tasks in transactions of their own, at each step and in between, then lets one
 * finish, and compares the tasks with the ledger: neither may ever show without the other.
 */
export async function tortureCommits(url: string, kills: number, random: () => number): Promise<CommitVerdict> {
  const ledger = openLedger(url);
  await ledger.create();
  const omniq = await createOmniQ({ storage: url, logger: silent });
  const ids: string[] = [];
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      if (ids.length < ((kill + 1) * BATCH) / 4) await addPayments(omniq, ids);
      await (kill % 2 === 0 ? dieAtStep(url, random) : killFromOutside(url, random));
    }
    await lived(fork(program, [url]));
    return await compare(omniq, ids, await ledger.lines(), kills);
  } finally {
    await omniq.close();
    await ledger.close();
  }
}

async function addPayments(omniq: OmniQ, ids: string[]): Promise<void> {
  const added = Array.from({ length: BATCH }, (_, n) => `payment-${ids.length + n}`);
  await omniq.enqueueMany(added.map((id) => [pay, id, { id }]));
  ids.push(...added);
}

async function dieAtStep(url: string, random: () => number): Promise<void> {
  const step = steps[Math.floor(random() * steps.length)] as string;
  await once(fork(program, [url, step, String(1 + Math.floor(random() * FIRST))]), 'exit');
}

async function killFromOutside(url: string, random: () => number): Promise<void> {
  const child = fork(program, [url]);
  const exit = once(child, 'exit');
  child.once('message', () => setTimeout(() => child.kill('SIGKILL'), random() * WITHIN_MS));
  await exit;
}

async function lived(child: ReturnType<typeof fork>): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The last process ended with ${code}.`);
}

async function compare(
  omniq: OmniQ,
  ids: readonly string[],
  lines: readonly string[],
  kills: number,
): Promise<CommitVerdict> {
  const count = new Map<string, number>();
  for (const line of lines) count.set(line, (count.get(line) ?? 0) + 1);
  const verdict = { kills, tasks: ids.length, paid: 0, failed: 0, violations: [] as string[] };
  for (const id of ids) {
    const state = (await omniq.tasks.get(id))?.state ?? 'gone';
    const written = count.get(id) ?? 0;
    if (state === 'completed' && written === 1) verdict.paid += 1;
    else if (state === 'failed' && written === 0) verdict.failed += 1;
    else verdict.violations.push(`${id} is ${state} with ${written} lines`);
  }
  return verdict;
}
