import type { Ambient } from '@omniq/core/storage';
import type { Steps } from '../machine/steps.ts';

/** Does all the steps, and lets everything else that is due have its turn after each. */
export async function inTurns<T>(steps: Steps<T>, timers: Ambient['timers']): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    await timers.turn();
  }
}
