import type { HeldChange } from './command.ts';
import type { TaskRecord } from './task-record.ts';

/** Only what may change does, whatever else the object has. */
export function assign(task: TaskRecord, set: HeldChange['set']): void {
  if (set.state !== undefined) task.state = set.state;
  if (set.priority !== undefined) task.priority = set.priority;
  if (set.runAt !== undefined) task.runAt = set.runAt;
  if (set.attempt !== undefined) task.attempt = set.attempt;
  if (set.startedAt !== undefined) task.startedAt = set.startedAt;
  if (set.finishedAt !== undefined) task.finishedAt = set.finishedAt;
  if (set.deadlineAt !== undefined) task.deadlineAt = set.deadlineAt;
  const { rare } = task;
  if (set.expiresAt !== undefined && set.expiresAt !== rare.expiresAt) task.own.expiresAt = set.expiresAt;
  if (set.crashes !== undefined && set.crashes !== rare.crashes) task.own.crashes = set.crashes;
  if (set.redrives !== undefined && set.redrives !== rare.redrives) task.own.redrives = set.redrives;
  if (set.cancelRequested !== undefined && set.cancelRequested !== rare.cancelRequested)
    task.own.cancelRequested = set.cancelRequested;
  if (set.reason !== undefined && set.reason !== rare.reason) task.own.reason = set.reason;
  if (set.error !== undefined && set.error !== rare.error) task.own.error = set.error;
  if (set.progress !== undefined && set.progress !== rare.progress) task.own.progress = set.progress;
}
