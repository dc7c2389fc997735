import type { ScheduleQuery, TaskQuery } from '@omniq/core/storage';
import { endedStates, names, queues, sessions, states } from './spaces.ts';

/** `list` in all its filters, and together as the core asks for them. */
export function taskQueries(now: number): readonly Omit<TaskQuery, 'after'>[] {
  const wide = { limit: 100 };
  return [
    { limit: 3 },
    { limit: 2, order: 'newest' },
    ...states.map((state) => ({ ...wide, states: [state] })),
    ...queues.map((queue) => ({ ...wide, queues: [queue] })),
    ...names.map((name) => ({ ...wide, names: [name] })),
    ...sessions.map((session) => ({ ...wide, session })),
    { ...wide, dueBy: now },
    { ...wide, dueAfter: now, order: 'newest' },
    { ...wide, expiresBy: now },
    { ...wide, deadlineBy: now + 10 },
    { ...wide, finishedBy: now - 1 },
    { limit: 2, states: ['waiting', 'blocked'], expiresBy: now + 5 },
    { limit: 1, states: ['running'], session: 's1' },
    { ...wide, states: ['running'], deadlineBy: now, order: 'newest' },
    { limit: 2, states: endedStates, queues: ['a'], finishedBy: now },
    { limit: 2, states: ['waiting', 'running'], names: ['work'], dueBy: now, order: 'newest' },
  ];
}

export function scheduleQueries(now: number): readonly Omit<ScheduleQuery, 'after'>[] {
  return [{ limit: 2 }, { limit: 2, dueBy: now }, { limit: 9, states: ['active'], dueBy: now + 10 }];
}
