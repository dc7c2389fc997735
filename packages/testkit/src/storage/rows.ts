import type { Change, NewSession, NewTask, ScheduleRow, StoredEvent } from '@omniq/core/storage';

/** A due task of the queue `default`, but for what is given. */
export function newTask(given: Partial<NewTask> & Pick<NewTask, 'id' | 'runAt'>): NewTask {
  return {
    queue: 'default',
    name: 'work',
    priority: 0,
    expiresAt: null,
    admitBy: given.runAt + 900_000,
    holdMs: 3_600_000,
    unique: null,
    orderKey: null,
    limitKey: null,
    parents: [],
    body: null,
    spec: null,
    ...given,
  };
}

export function newSession(id: string): NewSession {
  return { id, host: 'host-1', pid: 4_711, processStart: '17' };
}

export function newEvent(given: Partial<StoredEvent> & Pick<StoredEvent, 'id' | 'at'>): StoredEvent {
  return {
    type: 'ENQUEUED',
    level: 20,
    task: null,
    queue: null,
    name: null,
    correlationId: null,
    data: null,
    ...given,
  };
}

export function newSchedule(given: Partial<ScheduleRow> & Pick<ScheduleRow, 'id'>): ScheduleRow {
  return { state: 'active', dueAt: null, body: bytes(1, 2, 3), ...given };
}

/** A change that carries rows. */
export function followedBy(change: Change, ...rows: readonly NewTask[]): Change {
  return { ...change, then: rows };
}

export function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
