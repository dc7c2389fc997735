import type { Backend, ClaimRequest, NewTask, TaskStore } from '@omniq/core/storage';
import { sqlite, type SqliteOptions } from '@omniq/storage-sqlite';
import { newSession, newTask } from '@omniq/testkit/storage';

export interface Opened {
  readonly backend: Backend;
  readonly tasks: TaskStore;
  /** The store's time when it was opened. */
  readonly now: number;
}

export async function openTasks(file: string, options?: SqliteOptions): Promise<Opened> {
  const backend = await sqlite(file, options);
  const tasks = backend.tasks as TaskStore;
  return { backend, tasks, now: (await tasks.time?.()) as number };
}

export function tasksOf(count: number, now: number, prefix = 'task', given: Partial<NewTask> = {}): NewTask[] {
  return Array.from({ length: count }, (_, n) => newTask({ id: `${prefix}-${n}`, runAt: now, ...given }));
}

export async function openSession(tasks: TaskStore, id: string, now: number): Promise<void> {
  await tasks.open({ ...newSession(id), pid: process.pid }, now);
}

export function claimRequest(session: string, request: number, now: number, limit = 500): ClaimRequest {
  return { session, lane: 0, request, queues: ['default'], limit, start: limit, now };
}
