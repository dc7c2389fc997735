import { OmniQError, parseDuration, type Duration, type TaskState } from '@omniq/core';
import type { EnqueuedTask } from './enqueued.ts';
import { matches, partOf, type Part } from './matches.ts';
import { instantOf } from './test-omniq.ts';

/** What an enqueued task is expected to be; what is not named may be anything. */
export interface ExpectedTask<Input = unknown> {
  /** Part of the input as stored, or a function that decides. */
  readonly input?: Part<Input> | ((input: Input) => boolean);
  readonly queue?: string;
  readonly priority?: number;
  /** Default any: also one that has run since. */
  readonly state?: TaskState | readonly TaskState[];
  readonly runAt?: Date | number | string;
  /** Not before so long after its enqueue; not together with `runAt`. */
  readonly delay?: Duration;
  /** How far from `runAt` or `delay` it may be; default 1 s. */
  readonly within?: Duration;
  readonly correlationId?: string;
  readonly uniqueKey?: string;
  /** By id, in the order of `dependsOn`. */
  readonly parents?: readonly string[];
}

/** One thing expected: whether a task has it, and how both look in a diff. */
interface Expectation {
  readonly name: string;
  readonly expected: unknown;
  isMet(task: EnqueuedTask): boolean;
  show(task: EnqueuedTask): unknown;
}

/** What is expected, checked and ready to be compared. @throws OmniQError `INVALID_OPTION` */
export class Expectations {
  readonly #all: readonly Expectation[];

  constructor({ input, state, runAt, delay, within = 1_000, ...rest }: ExpectedTask) {
    if (runAt !== undefined && delay !== undefined) {
      throw new OmniQError('INVALID_OPTION', 'runAt and delay are both given.', { hint: 'Give one of them.' });
    }
    const tolerance = parseDuration(within, 'within');
    this.#all = [
      ...(input === undefined ? [] : [inputLike(input)]),
      ...(state === undefined ? [] : [stateIn([state].flat())]),
      ...(runAt === undefined ? [] : [runAtNear(instantOf(runAt), tolerance)]),
      ...(delay === undefined ? [] : [delayNear(parseDuration(delay, 'delay'), tolerance)]),
      ...Object.entries(rest).map(([name, value]) => equal(name as 'queue', value)),
    ];
  }

  areMetBy(task: EnqueuedTask): boolean {
    return this.#all.every((each) => each.isMet(task));
  }

  /** How many of them the task meets. */
  countMetBy(task: EnqueuedTask): number {
    return this.#all.filter((each) => each.isMet(task)).length;
  }

  /** The names of those that the task does not meet. */
  missedBy(task: EnqueuedTask): readonly string[] {
    return this.#all.filter((each) => !each.isMet(task)).map(({ name }) => name);
  }

  /** What is expected, for a diff. */
  get shown(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#all.map(({ name, expected }) => [name, expected]));
  }

  /** As much of the task, for a diff: what is met looks as expected. */
  show(task: EnqueuedTask): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#all.map((each) => [each.name, each.isMet(task) ? each.expected : each.show(task)]));
  }
}

function inputLike(input: unknown): Expectation {
  const decides = typeof input === 'function' ? (input as (given: unknown) => boolean) : null;
  return {
    name: 'input',
    expected:
      decides === null ? input : `(as ${decides.name === 'input' ? 'the given function' : decides.name} decides)`,
    isMet: (task) => (decides === null ? matches(task.input, input) : decides(task.input)),
    show: (task) => (decides === null ? partOf(task.input, input) : task.input),
  };
}

function stateIn(states: readonly TaskState[]): Expectation {
  const expected = states.length === 1 ? states[0] : states;
  return { name: 'state', expected, isMet: ({ state }) => states.includes(state), show: ({ state }) => state };
}

function runAtNear(at: number, tolerance: number): Expectation {
  return {
    name: 'runAt',
    expected: new Date(at).toISOString(),
    isMet: ({ runAt }) => Math.abs(runAt - at) <= tolerance,
    show: ({ runAt }) => new Date(runAt).toISOString(),
  };
}

function delayNear(ms: number, tolerance: number): Expectation {
  return {
    name: 'delay',
    expected: `${ms} ms`,
    isMet: ({ runAt, createdAt }) => Math.abs(runAt - createdAt - ms) <= tolerance,
    show: ({ runAt, createdAt }) => `${runAt - createdAt} ms`,
  };
}

function equal(name: 'queue' | 'priority' | 'correlationId' | 'uniqueKey' | 'parents', expected: unknown): Expectation {
  return { name, expected, isMet: (task) => matches(task[name], expected), show: (task) => task[name] };
}
