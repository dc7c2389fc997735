import type { Task } from '@omniq/omniq';
import type { Invocation } from '../command-action.ts';
import { matchingTasks, matchOf, type Match, type MatchFlags } from '../matching-tasks.ts';
import { withQueue } from '../open-queue.ts';
import type { Listing, Output } from '../output.ts';
import { readSince } from '../read-since.ts';
import { formatTime } from '../text/format-time.ts';
import { UsageError } from '../usage-error.ts';

export interface ListFlags extends MatchFlags {
  readonly limit?: number;
  readonly all?: true;
  readonly newest?: true;
  readonly since?: string;
  readonly after?: string;
}

const DEFAULT_LIMIT = 50;

const listing: Listing<Task> = {
  heading: ['ID', 'NAME', 'QUEUE', 'STATE', 'PRIORITY', 'ATTEMPTS', 'CREATED', 'REASON'],
  row: ({ id, name, queue, state, priority, attempt, maxAttempts, createdAt, reason }) => [
    id,
    name,
    queue,
    state,
    String(priority),
    `${attempt}/${maxAttempts}`,
    formatTime(createdAt),
    reason ?? '',
  ],
};

export async function listTasks({ options, out }: Invocation<ListFlags>): Promise<void> {
  const { all, limit, newest, since, after } = options;
  if (all === true && limit !== undefined) throw new UsageError('--all and --limit say two things.', 'Give one.');
  const from = since === undefined ? undefined : await readSince(since);
  const match: Match = {
    ...matchOf(options),
    ...(all === true ? {} : { limit: limit ?? DEFAULT_LIMIT }),
    ...(newest === true || from !== undefined ? { newest: true } : {}),
    ...(from === undefined ? {} : { since: from }),
    ...(after === undefined ? {} : { after }),
  };
  await withQueue(options, out, async (omniq) => {
    let shown = 0;
    let next: string | undefined;
    for await (const page of matchingTasks(omniq, match)) {
      await out.list(page.tasks, shown === 0 ? listing : { ...listing, heading: [] });
      shown += page.tasks.length;
      next = page.next;
    }
    conclude(shown, next, out);
  });
}

function conclude(shown: number, next: string | undefined, out: Output): void {
  if (shown === 0 && !out.json) out.note('no tasks');
  if (next !== undefined) out.note(`there are more: --all, a higher --limit, or --after ${next}`);
}
