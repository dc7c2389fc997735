import type { Ambient } from '../clock.ts';

/**
 * Repeats `work`, one at a time, about every `ms` and never in step with other processes, until the returned function is
 * called. A failure costs that turn.
 */
export function repeat(
  { timers, random }: Ambient,
  ms: number,
  work: () => unknown,
  failed: (error: unknown) => void,
): () => void {
  let cancel = (): void => {};
  let stopped = false;
  const later = (): void => {
    cancel = timers.after(ms * (0.9 + random() / 5), () => {
      Promise.resolve()
        .then(work)
        .catch(failed)
        .finally(() => !stopped && later());
    });
  };
  later();
  return () => {
    stopped = true;
    cancel();
  };
}
