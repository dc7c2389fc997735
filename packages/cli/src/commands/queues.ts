import type { QueueSummary } from '@omniq/omniq';
import type { Command } from 'commander';
import { perform, type Invocation } from '../command-action.ts';
import { withQueue } from '../open-queue.ts';
import { addGlobalOptions } from '../options.ts';
import type { Listing } from '../output.ts';
import { cleanText } from '../text/clean-text.ts';

const states = ['pending', 'scheduled', 'blocked', 'running', 'completed', 'failed', 'cancelled', 'expired'] as const;

const listing: Listing<QueueSummary> = {
  heading: ['QUEUE', 'PAUSED', ...states.map((state) => state.toUpperCase())],
  row: ({ name, paused, counts }) => [
    name,
    paused ? 'yes' : 'no',
    ...states.map((state) => String(counts[state] ?? 0)),
  ],
};

export function define(command: Command): void {
  addGlobalOptions(command);
  const list = command.command('ls').description('List queues that have tasks or settings, with their tasks by state.');
  perform<object>(addGlobalOptions(list), ({ options, out }) =>
    withQueue(options, out, async (omniq) => out.list(await omniq.queues.list(), listing, 'no queues')),
  );
  const pause = command
    .command('pause')
    .description('Start no more tasks of these queues, on any worker; what runs goes on.');
  const resume = command.command('resume').description('Start tasks of these queues again.');
  for (const [verb, isPaused] of [
    [pause, true],
    [resume, false],
  ] as const) {
    perform<object>(addGlobalOptions(verb.argument('<queues...>', 'names of queues')), (invocation) =>
      setPaused(isPaused, invocation),
    );
  }
}

async function setPaused(paused: boolean, { operands, options, out }: Invocation<object>): Promise<void> {
  await withQueue(options, out, async ({ queues }) => {
    for (const name of operands[0] as readonly string[]) {
      await (paused ? queues.pause(name) : queues.resume(name));
      await out.item({ name, paused }, () => cleanText(`${paused ? 'paused' : 'resumed'} ${name}`));
    }
  });
}
