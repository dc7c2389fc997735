import type { OmniQ, TaskState } from '@omniq/omniq';
import type { Invocation } from '../command-action.ts';
import { confirm } from '../confirm.ts';
import { exitCodeOf, exitCodes, type ExitCode } from '../exit-codes.ts';
import { matchingTasks, matchOf, type MatchFlags } from '../matching-tasks.ts';
import { withQueue } from '../open-queue.ts';
import type { Output } from '../output.ts';
import { cleanText } from '../text/clean-text.ts';
import { UsageError } from '../usage-error.ts';

export interface ChangeFlags extends MatchFlags {
  readonly all?: true;
  readonly yes?: true;
  readonly dryRun?: true;
}

type Verb = 'redrive' | 'cancel';

/** What became of one task. `skipped`: others were faster. */
interface Changed {
  readonly id: string;
  readonly outcome: 'redriven' | 'cancelled' | 'requested' | 'skipped' | 'failed' | 'matched';
  readonly error?: { readonly code: string; readonly message: string };
}

/** Changed at once: enough to hide the way to a distant store. */
const AT_ONCE = 32;
/** What concerns one task and not the store. */
const ofOneTask: ReadonlySet<string> = new Set(['TASK_NOT_FOUND', 'CONFLICT', 'DUPLICATE', 'INVALID_NAME']);
/** What `--all` finds changed since it has looked. */
const overtaken: ReadonlySet<string> = new Set(['TASK_NOT_FOUND', 'CONFLICT']);
/** What `--all` means without states. */
const defaultStates: Readonly<Record<Verb, readonly TaskState[]>> = {
  redrive: ['failed'],
  cancel: ['blocked', 'scheduled', 'pending', 'running'],
};

export async function changeTasks(verb: Verb, { operands, options, out }: Invocation<ChangeFlags>): Promise<ExitCode> {
  const ids = [...new Set((operands[0] ?? []) as readonly string[])];
  checkUsage(verb, ids, options);
  return withQueue(options, out, async (omniq) => {
    const chosen = options.all === true ? await idsThatMatch(omniq, verb, options) : ids;
    if (options.all === true) out.note(`${chosen.length} ${chosen.length === 1 ? 'task matches' : 'tasks match'}`);
    if (options.dryRun === true) {
      await tell(
        chosen.map((id) => ({ id, outcome: 'matched' })),
        out,
      );
      return exitCodes.ok;
    }
    const isAsked = options.all === true && chosen.length > 0 && options.yes !== true;
    if (isAsked && !(await agreed(verb, chosen.length))) {
      out.note('nothing was changed');
      return exitCodes.failure;
    }
    return change(omniq, verb, chosen, options.all === true, out);
  });
}

function checkUsage(verb: Verb, ids: readonly string[], { all, state, queue, name }: ChangeFlags): void {
  const filtered = [state, queue, name].some((filter) => filter !== undefined);
  if (ids.length > 0 && (all === true || filtered))
    throw new UsageError('Ids and filters say two things.', 'Give one.');
  if (ids.length === 0 && all !== true) {
    throw new UsageError(
      `No tasks to ${verb} were given.`,
      `Give ids, or --all with filters: omniq tasks ${verb} --all --queue mail`,
    );
  }
}

async function idsThatMatch(omniq: OmniQ, verb: Verb, flags: ChangeFlags): Promise<readonly string[]> {
  const ids: string[] = [];
  // All are found before the first is changed: what was counted is what is changed, and no page moves under the cursor.
  for await (const { tasks } of matchingTasks(omniq, { states: defaultStates[verb], ...matchOf(flags) })) {
    ids.push(...tasks.map(({ id }) => id));
  }
  return ids;
}

/** @throws UsageError without a terminal to ask on */
async function agreed(verb: Verb, count: number): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(
      `To ${verb} ${count} tasks without a terminal needs --yes.`,
      '--dry-run tells which they are.',
    );
  }
  return confirm(`${verb} ${count} tasks?`);
}

async function change(
  omniq: OmniQ,
  verb: Verb,
  ids: readonly string[],
  isBulk: boolean,
  out: Output,
): Promise<ExitCode> {
  const counts = new Map<string, number>();
  let worst: ExitCode = exitCodes.ok;
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const group = ids.slice(start, start + AT_ONCE);
    const changed = await Promise.all(group.map((id) => changeOne(omniq, verb, id, isBulk)));
    for (const { outcome, error } of changed) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if (outcome === 'failed' && error !== undefined) worst = worseOf(worst, exitCodeOf(error.code));
    }
    if (out.json || !isBulk) await tell(changed, out);
  }
  if (isBulk) out.note([...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'nothing to do');
  return worst;
}

async function changeOne(omniq: OmniQ, verb: Verb, id: string, isBulk: boolean): Promise<Changed> {
  try {
    if (verb === 'cancel') return { id, outcome: await omniq.tasks.cancel(id) };
    await omniq.tasks.redrive(id);
    return { id, outcome: 'redriven' };
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === undefined || !ofOneTask.has(code)) throw error;
    return { id, outcome: isBulk && overtaken.has(code) ? 'skipped' : 'failed', error: { code, message } };
  }
}

async function tell(changed: readonly Changed[], out: Output): Promise<void> {
  for (const each of changed) {
    const { id, outcome, error } = each;
    if (out.json) await out.item(each, () => '');
    else if (error === undefined) await out.item(each, () => cleanText(`${outcome} ${id}`));
    else out.note(`error ${error.code}: ${error.message}`);
  }
}

/** Different failures have no code in common. */
function worseOf(one: ExitCode, other: ExitCode): ExitCode {
  return one === exitCodes.ok || one === other ? other : exitCodes.failure;
}
