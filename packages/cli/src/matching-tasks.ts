import type { OmniQ, Task, TaskState } from '@omniq/omniq';
import { UsageError } from './usage-error.ts';

export interface MatchFlags {
  readonly state?: readonly string[];
  readonly queue?: readonly string[];
  readonly name?: readonly string[];
}

export interface Match {
  readonly states?: readonly TaskState[];
  readonly queues?: readonly string[];
  readonly names?: readonly string[];
  readonly newest?: boolean;
  /** Enqueued at or after, epoch ms; only with `newest`. */
  readonly since?: number;
  readonly limit?: number;
  readonly after?: string;
}

/** Tasks that match, and the cursor of the next page if there may be more. */
export interface MatchPage {
  readonly tasks: readonly Task[];
  readonly next?: string;
}

const PAGE = 500;
const states: Readonly<Record<TaskState, true>> = {
  blocked: true,
  scheduled: true,
  pending: true,
  running: true,
  completed: true,
  failed: true,
  cancelled: true,
  expired: true,
};

/** @throws UsageError for a state that there is not */
export function statesOf(names: readonly string[]): readonly TaskState[] {
  const wrong = names.find((name) => !Object.hasOwn(states, name));
  if (wrong === undefined) return names as readonly TaskState[];
  throw new UsageError(`There is no state ${wrong}.`, `States are ${Object.keys(states).join(', ')}.`);
}

export function matchOf({ state, queue, name }: MatchFlags): Match {
  return {
    ...(state === undefined ? {} : { states: statesOf(state) }),
    ...(queue === undefined ? {} : { queues: queue }),
    ...(name === undefined ? {} : { names: name }),
  };
}

/** Pages of tasks that match, each as soon as it is read. */
export async function* matchingTasks(omniq: OmniQ, match: Match): AsyncGenerator<MatchPage, void, undefined> {
  const { states: wanted, since = Number.NEGATIVE_INFINITY, limit = Number.POSITIVE_INFINITY } = match;
  let left = limit;
  let after = match.after;
  while (left > 0) {
    const page = await omniq.tasks.list(filterOf(match, Math.min(left, PAGE), after));
    // Stores hold fewer states than there are to see: what is due or expired only the clock tells.
    const tasks = page.items.filter(
      (task) => task.createdAt >= since && (wanted === undefined || wanted.includes(task.state)),
    );
    const isOver = page.items.some(({ createdAt }) => createdAt < since);
    left -= tasks.length;
    after = isOver ? undefined : page.next;
    yield { tasks, ...(after === undefined ? {} : { next: after }) };
    if (after === undefined) return;
  }
}

function filterOf(
  { states: state, queues, names, newest }: Match,
  limit: number,
  after: string | undefined,
): Parameters<OmniQ['tasks']['list']>[0] {
  return {
    limit,
    ...(state === undefined ? {} : { state }),
    ...(queues === undefined ? {} : { queue: queues }),
    ...(names === undefined ? {} : { name: names }),
    ...(newest === true ? { order: 'newest' } : {}),
    ...(after === undefined ? {} : { after }),
  };
}
