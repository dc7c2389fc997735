import { setTimeout } from 'node:timers/promises';
import { isOmniQError, type OmniQ } from '@omniq/omniq';
import { countTasks, type Progress } from './report.ts';
import { tasksOf, type Run } from './run.ts';

const LOOK_EVERY_MS = 200;

/** The run cannot come to its end as things are. */
export class RunError extends Error {
  override readonly name = 'RunError';
}

/**
 * Looks at the run five times a second and shows how it stands, until `signal` aborts: then it rejects. Before that it
 * rejects with a `RunError` if nothing is left that could bring the run to its end. It never resolves.
 */
export async function watchRun(
  omniq: OmniQ,
  run: Run,
  show: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    await setTimeout(LOOK_EVERY_MS, undefined, { signal });
    try {
      const progress = await countTasks(omniq, run);
      show(progress);
      if (progress.cancelled > 0) throw new RunError('The run was cancelled, as by --fresh in another terminal.');
      if (progress.failed > 0 && progress.active === 0) throw await failureOf(omniq, run, progress.failed);
    } catch (error) {
      // A store that does not answer now may answer the next time.
      if (!isOmniQError(error)) throw error;
    }
  }
}

async function failureOf(omniq: OmniQ, run: Run, failed: number): Promise<RunError> {
  for await (const { id, error } of tasksOf(omniq, { queue: run.name, state: 'failed' })) {
    return new RunError(`${failed} tasks failed, such as ${id}: ${error?.message}. The same command tries them again.`);
  }
  return new RunError(`${failed} tasks failed.`);
}
