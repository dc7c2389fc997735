import type { EnqueueOptions, OmniQ, TaskHandle } from '@omniq/omniq';
import type { Command } from 'commander';
import { perform, type Invocation } from '../command-action.ts';
import { engine, withQueue } from '../open-queue.ts';
import { addGlobalOptions, collectList, integer, span } from '../options.ts';
import type { Output } from '../output.ts';
import { readPayload } from '../read-payload.ts';
import { jsonText } from '../text/json-text.ts';
import { UsageError } from '../usage-error.ts';

interface EnqueueFlags {
  readonly queue?: string;
  readonly delay?: string;
  readonly at?: string;
  readonly priority?: number;
  readonly id?: string;
  readonly ttl?: string;
  readonly dependsOn?: readonly string[];
  readonly wait?: true;
  readonly timeout?: string;
}

export function define(command: Command): void {
  command
    .description(
      'Enqueue a task and print its id. With --wait print what it returns; exit code 5 if it does not complete.',
    )
    .argument('<task>', 'its name, or a module reference such as ./tasks.ts#resize')
    .argument('[payload]', 'JSON, @file with JSON, or - for JSON from stdin; default none')
    .option('--queue <name>', 'the queue; default as configured')
    .option('--delay <span>', 'not before so long from now, such as 5m', span)
    .option('--at <instant>', 'not before, ISO 8601 with its zone: 2026-01-31T12:30:00Z')
    .option('--priority <n>', '-1000 to 1000, higher first', integer(-1000))
    .option('--id <id>', 'your own id; the same again is a no-op')
    .option('--ttl <span>', 'not started by then: expired', span)
    .option('--depends-on <id>', 'wait for the end of this task; several with commas; repeatable', collectList)
    .option('--wait', 'wait for the end and print the result')
    .option('--timeout <span>', 'with --wait: how long; default for ever', span);
  perform<EnqueueFlags>(addGlobalOptions(command), enqueue);
}

async function enqueue({ operands, options, out }: Invocation<EnqueueFlags>): Promise<void> {
  const [task, source] = operands as [string, string | undefined];
  const { wait, timeout, at, delay } = options;
  if (timeout !== undefined && wait === undefined)
    throw new UsageError('--timeout is the limit of --wait.', 'Give both.');
  if (at !== undefined && delay !== undefined) throw new UsageError('--at and --delay say two things.', 'Give one.');
  const timeoutMs = timeout === undefined ? undefined : (await engine()).parseDuration(timeout, '--timeout');
  await withQueue(options, out, async (omniq, { settings }) => {
    const payload = await readPayload(source, settings.limits.payload);
    const handle = await omniq.enqueue(task, payload, enqueueOptions(options));
    if (wait === true) return waitFor(handle, timeoutMs, out);
    if (!handle.inserted) out.note('the id was there already; nothing was enqueued');
    return out.item({ id: handle.id, inserted: handle.inserted }, () => handle.id);
  });
}

async function waitFor(handle: TaskHandle, timeoutMs: number | undefined, out: Output): Promise<void> {
  const { id, inserted } = handle;
  if (!out.json) out.note(id);
  const result = await handle.result(timeoutMs === undefined ? {} : { timeout: timeoutMs });
  await out.item({ id, inserted, state: 'completed', result: result ?? null }, () => jsonText(result ?? null, 2));
}

function enqueueOptions({
  queue,
  delay,
  at,
  priority,
  id,
  ttl,
  dependsOn,
}: EnqueueFlags): Parameters<OmniQ['enqueue']>[2] {
  const options = {
    ...(queue === undefined ? {} : { queue }),
    ...(delay === undefined ? {} : { delay }),
    ...(at === undefined ? {} : { runAt: at }),
    ...(priority === undefined ? {} : { priority }),
    ...(id === undefined ? {} : { id }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  };
  return options as EnqueueOptions;
}
