export { asTask, currentTask } from './current-task.ts';
export type { Executor, Job, Outcome } from './executor.ts';
