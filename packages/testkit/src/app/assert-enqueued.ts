import { AssertionError } from 'node:assert';
import { inspect } from 'node:util';
import type { OmniQ } from '@omniq/omniq';
import { enqueued, nameOf, type EnqueuedTask, type Named } from './enqueued.ts';
import { Expectations, type ExpectedTask } from './expected-task.ts';

export interface AssertEnqueuedOptions<Input = unknown> extends ExpectedTask<Input> {
  /** Exactly so many; default at least one. */
  readonly count?: number;
}

/** So many tasks are shown in a message. */
const SHOWN = 10;

/**
 * Asserts that such a task was enqueued, whatever has become of it since, and returns the first. Reads any OmniQ.
 * @throws AssertionError that shows what was enqueued instead, and the nearest of it as a diff
 */
export async function assertEnqueued<Input>(
  omniq: OmniQ,
  task: Named<Input>,
  { count, ...expected }: AssertEnqueuedOptions<Input> = {},
): Promise<EnqueuedTask<Input>> {
  const expectations = new Expectations(expected as ExpectedTask);
  const all = await enqueued<Input>(omniq, task);
  const found = all.filter((each) => expectations.areMetBy(each));
  if (count === undefined ? found.length > 0 : found.length === count) return found[0] as EnqueuedTask<Input>;
  const wanted = count === undefined ? 'a task' : `${count} of the task`;
  const other = found.length > 0 ? undefined : nearest(all, expectations);
  throw new AssertionError({
    message: [
      `Expected ${wanted} ${nameOf(task)}${like(expectations)} to be enqueued, but found ${found.length || 'none'}.`,
      ...(await instead(omniq, task, all, expectations)),
    ].join('\n'),
    expected: count === undefined || other !== undefined ? expectations.shown : count,
    actual: other === undefined ? (count === undefined ? null : found.length) : expectations.show(other),
    operator: 'assertEnqueued',
    stackStartFn: assertEnqueued,
  });
}

/**
 * Asserts that no such task was enqueued. Reads any OmniQ.
 * @throws AssertionError that shows those that were
 */
export async function refuteEnqueued<Input>(
  omniq: OmniQ,
  task: Named<Input>,
  expected: ExpectedTask<Input> = {},
): Promise<void> {
  const expectations = new Expectations(expected as ExpectedTask);
  const found = (await enqueued(omniq, task)).filter((each) => expectations.areMetBy(each));
  if (found.length === 0) return;
  throw new AssertionError({
    message: [
      `Expected no task ${nameOf(task)}${like(expectations)} to be enqueued, but found ${found.length}:`,
      ...list(found, () => ''),
    ].join('\n'),
    expected: [],
    actual: found.map(({ id, queue, state, input }) => ({ id, queue, state, input })),
    operator: 'refuteEnqueued',
    stackStartFn: refuteEnqueued,
  });
}

/** What else is there: tasks of this name with what they miss, or else all names. */
async function instead(
  omniq: OmniQ,
  task: Named<never>,
  ofName: readonly EnqueuedTask[],
  expectations: Expectations,
): Promise<readonly string[]> {
  if (ofName.length > 0) {
    const missed = (each: EnqueuedTask): string => {
      const names = expectations.missedBy(each);
      return names.length === 0 ? '' : `  <- not as expected: ${names.join(', ')}`;
    };
    return [`Enqueued as ${nameOf(task)}:`, ...list(ofName, missed)];
  }
  const counts = Map.groupBy(await enqueued(omniq), ({ name }) => name);
  if (counts.size === 0) return ['Nothing was enqueued at all.'];
  return ['Enqueued instead:', ...[...counts].map(([name, { length }]) => `  ${name} (${length})`)];
}

function list(tasks: readonly EnqueuedTask[], remark: (task: EnqueuedTask) => string): readonly string[] {
  const lines = tasks.slice(0, SHOWN).map((task) => `  ${describe(task)}${remark(task)}`);
  return tasks.length > SHOWN ? [...lines, `  … and ${tasks.length - SHOWN} more`] : lines;
}

function describe({ input, queue, state, runAt }: EnqueuedTask): string {
  const when = state === 'scheduled' ? ` for ${new Date(runAt).toISOString()}` : '';
  return `${say(input)} in ${queue}, ${state}${when}`;
}

function like(expectations: Expectations): string {
  return Object.keys(expectations.shown).length === 0 ? '' : ` like ${say(expectations.shown)}`;
}

function say(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 20, maxStringLength: 200 });
}

function nearest(all: readonly EnqueuedTask[], expectations: Expectations): EnqueuedTask | undefined {
  return all.toSorted((one, other) => expectations.countMetBy(other) - expectations.countMetBy(one))[0];
}
