import { isOmniQError, OmniQError } from '../errors.ts';
import { defineTask, type TaskDefinition } from '../model/define-task.ts';
import { NonRetryable } from '../model/retry.ts';
import type { TaskContext } from '../model/task-context.ts';
import { admissionMs } from '../queue/admission.ts';
import { atLeastAdmission, type Retention } from '../queue/sweeper.ts';
import type { Engine } from '../queue/engine.ts';
import { checkInsert } from '../storage/layers/check-rows.ts';
import type { NewTask } from '../storage/task-row.ts';
import type { InsertOutcome } from '../storage/task-store.ts';
import { relayName, unwrapRow } from './envelope.ts';

/**
 * Carries one task from an outbox to the queue that it is meant for.
 *
 * Exactly one task comes of each: the insert is repeated until its outcome is known, and the target knows an id that it
 * has seen for at least the retention after the task was written. What is older than that and not known there has either
 * never arrived, or was run and forgotten: nobody can tell any more, so it fails and waits for somebody to redrive it.
 *
 * @param retention how long the workers of the target keep tasks that have ended
 */
export function relayTask(target: Engine, retention: Retention): TaskDefinition<never> {
  const { ended, failed } = atLeastAdmission(retention);
  const rememberedMs = Math.min(ended, failed);
  const run = async (input: unknown, ctx: TaskContext): Promise<unknown> => {
    const row = unwrapRow(input);
    const age = target.clock.now() - (row.admitBy - admissionMs);
    if (age > rememberedMs && ctx.redrives === 0) return ensureKnown(target, row);
    const outcome = await insert(target, row, age);
    // A store with a clock far from this machine's: tried again, and not lost.
    if (outcome.status === 'late')
      throw new OmniQError('CLOCK_SKEW', `The target took the task ${row.id} for late.`, { id: row.id });
    return outcome.status === 'taken' ? { holder: outcome.holder } : undefined;
  };
  return defineTask({ name: relayName, run }) as TaskDefinition<never>;
}

async function insert(target: Engine, row: NewTask, age: number): Promise<InsertOutcome> {
  try {
    // One that the store would refuse must not take those with it that travel in the same insert.
    checkInsert([row], { capabilities: target.stores.tasks.capabilities, backend: 'target' });
    return await target.enqueuer.relay({ ...row, admitBy: target.clock.now() + admissionMs });
  } catch (error) {
    throw isPassing(error, age) ? error : new NonRetryable((error as Error).message, { cause: error });
  }
}

/** A parent may be on its way through the same outbox. */
function isPassing(error: unknown, age: number): boolean {
  if (isOmniQError(error, 'PARENT_UNKNOWN')) return age <= admissionMs;
  return isOmniQError(error) && (error.code.startsWith('STORE_') || error.code === 'CLOCK_SKEW');
}

async function ensureKnown({ stores }: Engine, { id }: NewTask): Promise<undefined> {
  const [found] = await stores.tasks.get([id]);
  if (found !== undefined) return undefined;
  throw new NonRetryable(
    `The task ${id} waited in the outbox for longer than ended tasks are kept: it may have been run and forgotten. ` +
      'If it has not run, redrive this one: then it is inserted all the same.',
  );
}
