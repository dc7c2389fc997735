import { readEvent } from '../events/event-log.ts';
import { OmniQError } from '../errors.ts';
import { levels, type EventLevel, type EventType, type TaskEvent } from '../model/event.ts';
import type { EventStore } from '../storage/event-store.ts';
import type { Page } from './task-admin.ts';

export interface EventFilter {
  readonly task?: string;
  readonly types?: readonly EventType[];
  readonly queue?: string;
  readonly correlationId?: string;
  /** This level and above. */
  readonly level?: EventLevel;
  /** From this instant on. */
  readonly since?: Date | number;
  /** Before this instant. */
  readonly until?: Date | number;
  /** The cursor of the page before. */
  readonly after?: string;
  /** Default 100, at most 1000. */
  readonly limit?: number;
}

/** Stored events, oldest first. @throws OmniQError `UNSUPPORTED` without an event store */
export async function queryEvents(store: EventStore | null, filter: EventFilter): Promise<Page<TaskEvent>> {
  if (store === null) {
    throw new OmniQError('UNSUPPORTED', 'No event store is configured.', {
      hint: 'Name one: events: "sqlite:./events.db".',
    });
  }
  const { since, until, level, limit = 100, ...plain } = filter;
  const page = await store.query({
    ...plain,
    limit: Math.min(limit, 1_000),
    ...(level === undefined ? {} : { minLevel: levels[level] }),
    ...(since === undefined ? {} : { since: Number(since) }),
    ...(until === undefined ? {} : { until: Number(until) }),
  });
  return { items: page.items.map(readEvent), ...(page.next === undefined ? {} : { next: page.next }) };
}
