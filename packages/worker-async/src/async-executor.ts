import type { Executor, Job, Outcome } from '@omniq/core/worker';

/** Runs handlers on the event loop of this process: for I/O, and for work in small steps. */
export class AsyncExecutor implements Executor {
  readonly kind = 'async';

  run({ run, input, context }: Job): Outcome | Promise<Outcome> {
    try {
      const value = run(input, context);
      return isThenable(value) ? settle(value) : { ok: true, value };
    } catch (error) {
      return { ok: false, error };
    }
  }

  /** Nothing can stop a function from outside; its signal was all it could be told. */
  kill(): boolean {
    return false;
  }

  async close(): Promise<void> {}
}

async function settle(promise: PromiseLike<unknown>): Promise<Outcome> {
  try {
    return { ok: true, value: await promise };
  } catch (error) {
    return { ok: false, error };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
