import { AsyncLocalStorage } from 'node:async_hooks';
import type { TaskContext } from '../model/task-context.ts';

const storage = new AsyncLocalStorage<TaskContext>();

/** The context of the task that this code runs for, or `undefined` outside of one. */
export function currentTask(): TaskContext | undefined {
  return storage.getStore();
}

/** Runs `fn` such that {@link currentTask} answers with `context`, through every await. */
export function asTask<T>(context: TaskContext, fn: () => T): T {
  return storage.run(context, fn);
}
