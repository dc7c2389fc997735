/** Where the time of this machine comes from. */
export interface Clock {
  /** Epoch ms of the wall clock; may step. */
  now(): number;
  /** Ms since some start; never steps. */
  monotonic(): number;
}

export interface Timers {
  /** Calls `fn` once after `ms`; the returned function takes that back. An idle timer of a `background` kind keeps no process alive. */
  after(ms: number, fn: () => void, kind?: 'background'): () => void;
  /** Resolves in the next turn of the event loop, so that timers and I/O get their chance. */
  turn(): Promise<void>;
}

/** All that the engine takes from its surroundings, injected so that a whole fleet can be simulated from one seed. */
export interface Ambient {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The real clock, timers and random source. */
export const systemAmbient: Ambient = {
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  timers: {
    after(ms, fn, kind) {
      const timer = setTimeout(fn, Math.min(ms, MAX_DELAY_MS));
      if (kind === 'background') timer.unref();
      return () => clearTimeout(timer);
    },
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  },
  random: Math.random,
};

/** Node turns longer delays into 1 ms. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Resolves after `ms`, or early when `signal` aborts. */
export function sleep(timers: Timers, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = timers.after(ms, finish);
    signal?.addEventListener('abort', finish, { once: true });
    function finish(): void {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    }
  });
}

/** Resolves when `work` has settled or `ms` have passed, whichever comes first; leaves no timer behind. */
export async function within(timers: Timers, ms: number, work: Promise<unknown>): Promise<void> {
  const settled = new AbortController();
  const done = work.then(
    () => settled.abort(),
    () => settled.abort(),
  );
  await Promise.race([done, sleep(timers, ms, settled.signal)]);
}
