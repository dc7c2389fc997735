import type { Handler } from '@omniq/core';
import { digestOfValue } from './digest.ts';
import type { Recorder } from './recorder.ts';

/**
 * The same handler, whose runs are recorded: the start before it begins, the end as `any`, since only the store knows what
 * became of it. `digest: false` where a schema makes another value of the input than was enqueued.
 */
export function recorded<Input, Output>(
  recorder: Recorder,
  run: Handler<Input, Output>,
  { digest = true }: { readonly digest?: boolean } = {},
): Handler<Input, Output> {
  return async (input, context) => {
    const { id, fence, attempt, maxAttempts, queue } = context;
    const told = digest ? { digest: digestOfValue(input) } : {};
    recorder.start({ id, lease: fence, attempt, maxAttempts, queue, ...told });
    try {
      return await run(input, context);
    } finally {
      const end = recorder.invoke({ op: 'settle', id, lease: fence, to: 'any' });
      recorder.outcome(end, { phase: 'unknown' });
    }
  };
}
