import type { EventPage, EventQuery, EventStore, StoredEvent } from '@omniq/core/storage';
import { Connection } from './connection.ts';
import type { EventTable } from './event-table.ts';

/** One opening of an {@link EventTable}. */
export class MemoryEventStore implements EventStore {
  readonly #events: EventTable;
  readonly #connection = new Connection();

  constructor(events: EventTable) {
    this.#events = events;
  }

  async append(events: readonly StoredEvent[]): Promise<void> {
    this.#connection.check();
    for (const event of events) this.#events.append({ ...event });
  }

  async query(query: EventQuery): Promise<EventPage> {
    this.#connection.check();
    return this.#events.query(query);
  }

  async trim(before: number, limit: number): Promise<number> {
    this.#connection.check();
    return this.#events.trim(before, limit);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}
