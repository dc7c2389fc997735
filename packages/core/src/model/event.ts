/** What can happen to a task, a schedule or a queue, with the level it is reported at. */
export const eventLevels = {
  ENQUEUED: 20,
  EXECUTING: 10,
  COMPLETE: 20,
  RETRY: 30,
  ERROR: 40,
  CANCELLED: 30,
  EXPIRED: 30,
  SNOOZED: 20,
  RELEASED: 20,
  RESCUED: 30,
  REDRIVEN: 30,
  UNBLOCKED: 10,
  LEASE_LOST: 30,
  QUEUE_PAUSED: 30,
  QUEUE_RESUMED: 30,
  SCHEDULE_PAUSED: 30,
  SCHEDULE_RESUMED: 30,
} as const;

export type EventType = keyof typeof eventLevels;

export const levels = { DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, DISABLED: 100 } as const;

export type EventLevel = keyof typeof levels;

/** One happening, as listeners and queries see it. */
export interface TaskEvent {
  /** The same happening has the same id, whoever reports it. */
  readonly id: string;
  readonly type: EventType;
  readonly level: Exclude<EventLevel, 'DISABLED'>;
  /** Epoch ms, in the task store's time. */
  readonly at: number;
  readonly task: string | null;
  readonly queue: string | null;
  readonly name: string | null;
  readonly correlationId: string | null;
  /** What belongs to the type: attempt, worker, reason, error ... */
  readonly data: Readonly<Record<string, unknown>>;
}
