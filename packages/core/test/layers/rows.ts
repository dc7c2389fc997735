import type { Capabilities } from '../../src/storage/capabilities.ts';
import type { NewTask, TaskRow } from '../../src/storage/task-row.ts';

export const allCapabilities: Capabilities = {
  durable: false,
  shared: 'process',
  order: 'strict',
  clock: false,
  watch: false,
  results: true,
  then: true,
  transactions: false,
  uniqueKeys: true,
  orderKeys: true,
  limits: true,
};

export function newTask(over: Partial<NewTask> = {}): NewTask {
  return {
    id: 't-1',
    queue: 'default',
    name: 'task',
    priority: 0,
    runAt: 0,
    expiresAt: null,
    admitBy: 1_000,
    holdMs: 1_000,
    unique: null,
    orderKey: null,
    limitKey: null,
    parents: [],
    body: null,
    spec: null,
    ...over,
  };
}

export function runningTask(over: Partial<TaskRow> = {}): TaskRow {
  const { admitBy: _admitBy, parents: _parents, unique: _unique, ...row } = newTask();
  return {
    ...row,
    uniqueKey: null,
    state: 'running',
    createdAt: 0,
    attempt: 1,
    crashes: 0,
    redrives: 0,
    cancelRequested: false,
    startedAt: 5,
    finishedAt: null,
    deadlineAt: 1_005,
    reason: null,
    error: null,
    progress: null,
    lease: 7,
    session: 's-1',
    waitsFor: 0,
    ...over,
  };
}
