import type { OmniQConfig, WorkerCounts, WorkOptions } from '@omniq/omniq';
import type { Command } from 'commander';
import { perform, type Invocation } from '../command-action.ts';
import type { ExitCode } from '../exit-codes.ts';
import { configurationOf, openQueue } from '../open-queue.ts';
import { addGlobalOptions, collectList, integer, span } from '../options.ts';
import { StopSignals } from '../stop-signals.ts';
import { UsageError } from '../usage-error.ts';

interface WorkerFlags {
  readonly queue?: readonly string[];
  readonly concurrency?: number;
  readonly lease?: string;
  readonly shutdownTimeout?: string;
  readonly once?: true;
  readonly limit?: number;
  readonly duration?: string;
}

const ABOUT = [
  'Run tasks from the modules given: files that export what defineTask returns, or plain functions.',
  'The first SIGINT or SIGTERM claims nothing more and lets runs finish within the shutdown timeout; the second hands them back at once, without spending an attempt; the third ends the process. The exit code is then 130 or 143.',
].join('\n\n');

export function define(command: Command): void {
  command
    .description(ABOUT)
    .argument('[modules...]', 'files with tasks, such as ./tasks.ts')
    .option('-q, --queue <name>', 'a queue, or several with commas; repeatable; strictly in this order', collectList)
    .option('-c, --concurrency <n>', 'runs at once', integer())
    .option('--once', 'stop once nothing is due and nothing runs')
    .option('--limit <n>', 'stop after so many runs', integer())
    .option('--duration <span>', 'stop after so long', span)
    .option('--lease <span>', 'how long others wait, hearing nothing, before they take this worker for gone', span)
    .option('--shutdown-timeout <span>', 'how long stopping waits for runs to end', span);
  // Short -c is the concurrency here, as in other workers.
  perform<WorkerFlags>(addGlobalOptions(command, '--config <file>'), work);
}

async function work({ operands, options, out }: Invocation<WorkerFlags>): Promise<ExitCode> {
  const modules = (operands[0] ?? []) as readonly string[];
  if (modules.length === 0) throw new UsageError('No task modules were given.', 'omniq worker ./tasks.ts');
  const config = await configurationOf(options, workerConfig(options));
  const omniq = await openQueue(config, out);
  const signals = new StopSignals(out);
  try {
    const worker = await omniq.work({ tasks: modules, ...workOptions(options) });
    signals.stops(worker);
    await worker.done;
    await tell(worker.counts, out);
  } finally {
    await omniq.close();
    signals.dispose();
  }
  return signals.exitCode;
}

/** What may also be configured elsewhere is checked and merged there. */
function workerConfig({ queue, concurrency, lease, shutdownTimeout }: WorkerFlags): OmniQConfig {
  const worker = {
    ...(queue === undefined ? {} : { queues: queue }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(lease === undefined ? {} : { lease }),
    ...(shutdownTimeout === undefined ? {} : { shutdownTimeout }),
  };
  return { worker } as OmniQConfig;
}

function workOptions({ once, limit, duration }: WorkerFlags): Partial<WorkOptions> {
  return {
    ...(once === undefined ? {} : { untilEmpty: once }),
    ...(limit === undefined ? {} : { limit }),
    ...(duration === undefined ? {} : { duration: duration as '1s' }),
  };
}

async function tell(counts: WorkerCounts, out: Invocation<WorkerFlags>['out']): Promise<void> {
  const { completed, failed, stale, stuck } = counts;
  if (out.json) return out.item({ completed, failed, stale, stuck }, () => '');
  const others = [stale > 0 ? `${stale} stale` : '', stuck > 0 ? `${stuck} stuck` : ''].filter((part) => part !== '');
  out.note(`stopped: ${[`${completed} completed`, `${failed} failed`, ...others].join(', ')}`);
}
