import type { EventFilter, EventLevel, EventType, TaskEvent } from '@omniq/omniq';
import type { Command } from 'commander';
import { perform, type Invocation } from '../command-action.ts';
import { withQueue } from '../open-queue.ts';
import { addGlobalOptions, collectList, integer } from '../options.ts';
import type { Listing } from '../output.ts';
import { readSince } from '../read-since.ts';
import { formatTime } from '../text/format-time.ts';
import { jsonText } from '../text/json-text.ts';
import { UsageError } from '../usage-error.ts';

interface EventFlags {
  readonly task?: string;
  readonly type?: readonly string[];
  readonly queue?: string;
  readonly level?: string;
  readonly since?: string;
  readonly limit?: number;
  readonly all?: true;
}

const PAGE = 1_000;
const DEFAULT_LIMIT = 100;
const levels: readonly EventLevel[] = ['DEBUG', 'INFO', 'WARNING', 'ERROR'];

const listing: Listing<TaskEvent> = {
  heading: ['AT', 'LEVEL', 'TYPE', 'QUEUE', 'NAME', 'TASK', 'DATA'],
  row: ({ at, level, type, queue, name, task, data }) => [
    formatTime(at),
    level,
    type,
    queue ?? '-',
    name ?? '-',
    task ?? '-',
    Object.keys(data).length === 0 ? '' : jsonText(data),
  ],
};

export function define(command: Command): void {
  addGlobalOptions(command);
  const list = command
    .command('ls')
    .description('List stored events, oldest first. Stored are those from events.level on, WARNING by default.')
    .option('--task <id>', 'only of this task')
    .option('--type <type>', 'only these, such as ERROR or RETRY; several with commas; repeatable', collectList)
    .option('--queue <name>', 'only of this queue')
    .option('--level <level>', 'this and above: DEBUG, INFO, WARNING, ERROR')
    .option('--since <time>', 'a span such as 1h, or ISO 8601')
    .option('--limit <n>', 'at most so many; default 100', integer())
    .option('--all', 'without a limit');
  perform<EventFlags>(addGlobalOptions(list), listEvents);
}

async function listEvents({ options, out }: Invocation<EventFlags>): Promise<void> {
  const { all, limit } = options;
  const filter = await filterOf(options);
  await withQueue(options, out, async (omniq) => {
    let left = all === true ? Number.POSITIVE_INFINITY : (limit ?? DEFAULT_LIMIT);
    let after: string | undefined;
    let shown = 0;
    do {
      const page = await omniq.events({
        ...filter,
        limit: Math.min(left, PAGE),
        ...(after === undefined ? {} : { after }),
      });
      await out.list(page.items, shown === 0 ? listing : { ...listing, heading: [] });
      shown += page.items.length;
      left -= page.items.length;
      after = page.next;
    } while (after !== undefined && left > 0);
    if (shown === 0 && !out.json) out.note('no events');
    if (after !== undefined) out.note('there are more: --all, or a higher --limit');
  });
}

async function filterOf({ task, type, queue, level, since }: EventFlags): Promise<EventFilter> {
  const wanted = level?.toUpperCase() as EventLevel | undefined;
  if (wanted !== undefined && !levels.includes(wanted)) {
    throw new UsageError(`There is no level ${level}.`, `Levels are ${levels.join(', ')}.`);
  }
  return {
    ...(task === undefined ? {} : { task }),
    ...(type === undefined ? {} : { types: type.map((each) => each.toUpperCase() as EventType) }),
    ...(queue === undefined ? {} : { queue }),
    ...(wanted === undefined ? {} : { level: wanted }),
    ...(since === undefined ? {} : { since: await readSince(since) }),
  };
}
