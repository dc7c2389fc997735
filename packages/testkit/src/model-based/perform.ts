import type { BeatReply } from '@omniq/core/storage';
import { Broken } from './book.ts';
import type { Call } from './bind.ts';
import type { Side } from './side.ts';
import type { Step } from './step.ts';
import { sorted, tell, type Told } from './told.ts';

/** Makes a call; what it rejects with is an answer as well. */
export async function perform(call: Call): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Broken) throw error;
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The comparable form of the answer to a step. */
export function tellAnswer(side: Side, step: Step, answer: unknown): Told {
  if (step.verb !== 'beat' || answer instanceof Error) return tell(side, answer);
  const { live, leases, cancelled } = answer as BeatReply;
  return { live, leases, cancelled: sorted(cancelled) };
}
