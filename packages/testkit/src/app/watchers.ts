import type { Handler, TaskContext } from '@omniq/core';
import type { Job, Outcome } from '@omniq/core/worker';

/** One run that was watched. */
export interface TaskCall<Input = unknown, Output = unknown> {
  /** What the handler was given: decoded from its bytes, and what the schema made of it. */
  readonly input: Input;
  readonly context: TaskContext;
  readonly status: 'running' | 'returned' | 'threw';
  /** What the handler returned. */
  readonly result?: Output;
  /** What the handler threw, itself. */
  readonly error?: unknown;
}

/** Watches one handler, and may stand in for it. */
export interface Watcher {
  calls: TaskCall[];
  stub: Handler<unknown, unknown> | null;
}

type Run = (job: Job) => Outcome | Promise<Outcome>;

/** By handler, the oldest first. */
const watchers = new WeakMap<object, readonly Watcher[]>();

export function watch(handler: object, watcher: Watcher): void {
  watchers.set(handler, [...(watchers.get(handler) ?? []), watcher]);
}

export function unwatch(handler: object, watcher: Watcher): void {
  const others = (watchers.get(handler) ?? []).filter((other) => other !== watcher);
  watchers.set(handler, others);
}

/** Runs a job under the eyes of its watchers: by the newest stub, or else as `own` does. */
export function runWatched(job: Job, own: Run, stubbed: Run): Outcome | Promise<Outcome> {
  const watching = watchers.get(job.run) ?? [];
  if (watching.length === 0) return own(job);
  const ends = watching.map((watcher) => note(watcher, job));
  const stub = watching.findLast((watcher) => watcher.stub !== null)?.stub;
  const outcome = stub === undefined || stub === null ? own(job) : stubbed({ ...job, run: stub });
  const end = (ended: Outcome): Outcome => {
    ends.forEach((each) => each(ended));
    return ended;
  };
  return outcome instanceof Promise ? outcome.then(end) : end(outcome);
}

/** Notes the start of a run; what is returned notes its end. */
function note({ calls }: Watcher, { input, context }: Job): (outcome: Outcome) => void {
  const index = calls.length;
  calls.push({ input, context, status: 'running' });
  return (outcome) => {
    calls[index] = outcome.ok
      ? { input, context, status: 'returned', result: outcome.value }
      : { input, context, status: 'threw', error: outcome.error };
  };
}
