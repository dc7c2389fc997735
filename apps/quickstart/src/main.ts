import { createOmniQ, isOmniQError, type OmniQ, type TaskDefinition } from '@omniq/omniq';
import { follow } from './events.ts';
import { beginHistory, type JobHistory } from './job-history.ts';
import { help, readOptions, UsageError, type Options } from './options.ts';
import { progressLine } from './progress-line.ts';
import { renderReport } from './render.ts';
import { reportOn, type Report } from './report.ts';
import { enqueueRun, findRun, forgetOlder, retryFailed, type Run } from './run.ts';
import { gather, index, scan, summary } from './tasks.ts';
import { RunError, watchRun } from './watch-run.ts';

const exit = { done: 0, failed: 1, misused: 2, stopped: 130 } as const;

const inTheMeantime = `Kill it whenever you like (kill -9 ${process.pid}): the same command goes on.`;
const opening: Readonly<Record<Run['state'], string>> = {
  new: `A new run. ${inTheMeantime}`,
  begun: `Going on where the last process was. ${inTheMeantime}`,
  finished: 'This run was finished before; --fresh begins anew.',
};

/** Runs the job in this process: a worker, and whatever the run still lacks. Resolves with the report. */
async function quickstart(
  omniq: OmniQ,
  options: Options,
  history: JobHistory | null,
  signal: AbortSignal,
): Promise<Report> {
  const startedAt = Date.now();
  const activity = follow(omniq, options.verbose ? note : null);
  const run = await findRun(omniq, options);
  note(opening[run.state]);

  // The worker goes first: what is in line already need not wait for the rest to be enqueued.
  const tasks: readonly TaskDefinition<never>[] = [scan, index, gather, summary];
  const worker = await omniq.work({
    tasks: history?.recorded(tasks) ?? tasks,
    queues: [run.name],
    concurrency: options.concurrency,
  });
  const bar = options.verbose ? null : progressLine(process.stderr);
  const over = new AbortController();
  const watch = watchRun(omniq, run, (progress) => bar?.show(progress), AbortSignal.any([signal, over.signal]));
  try {
    await retryFailed(omniq, run);
    const enqueued = enqueueRun(omniq, run, options).then((last) => last.result());
    const found = await Promise.race([enqueued, watch]);
    await forgetOlder(omniq, run);
    return await reportOn(omniq, { run, folder: options.folder, summary: found, activity, startedAt });
  } finally {
    over.abort();
    bar?.clear();
    // A batch ends within milliseconds; what does not is handed back and runs again.
    await worker.stop({ deadlineMs: 1_000 });
  }
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(help);
    return exit.done;
  }
  const stopping = stopSignal();
  const history = await beginHistory(options.storage);
  const omniq = await createOmniQ({
    storage: history?.storage ?? options.storage,
    // A run can be resumed after any pause, so nothing of it is forgotten; --fresh tidies up.
    retention: { ended: '3650 days', failed: '3650 days' },
    // The list of a folder with a million files.
    limits: { payload: '64 MiB' },
    logging: { disabled: true },
  });
  try {
    const report = await quickstart(omniq, options, history, stopping);
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : renderReport(report));
    return exit.done;
  } catch (error) {
    if (!stopping.aborted) throw error;
    note('Stopped. The same command goes on from here.');
    return exit.stopped;
  } finally {
    await omniq.close();
  }
}

/** Aborts at the first Ctrl-C; the second ends the process on the spot, which costs no more than kill -9 would. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exit.stopped);
      controller.abort(new Error(`stopped by ${name}`));
    });
  }
  return controller.signal;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function explain(error: unknown): number {
  const misused =
    error instanceof UsageError || isOmniQError(error, 'BACKEND_UNKNOWN') || isOmniQError(error, 'BACKEND_MISSING');
  const known = misused || isOmniQError(error) || error instanceof RunError;
  note(known ? error.message : `${(error as Error)?.stack ?? String(error)}`);
  return misused ? exit.misused : exit.failed;
}

process.exitCode = await main().catch(explain);
