import type { VirtualAmbient } from '@omniq/testkit';

/** Lets virtual time pass, step by step, until the work has ended. */
export async function passTime<T>(ambient: VirtualAmbient, work: Promise<T>, stepMs = 20): Promise<T> {
  let isDone = false;
  const end = (): void => {
    isDone = true;
  };
  work.then(end, end);
  while (!isDone) await ambient.advance(stepMs);
  return work;
}
