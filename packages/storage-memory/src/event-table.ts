import type { EventPage, EventQuery, StoredEvent } from '@omniq/core/storage';

interface Arrived {
  readonly event: StoredEvent;
  readonly arrival: number;
}

/** Events by time, then arrival. */
export class EventTable {
  #events: Arrived[] = [];
  readonly #ids = new Set<string>();
  #arrivals = 0;

  append(event: StoredEvent): void {
    if (this.#ids.has(event.id)) return;
    this.#ids.add(event.id);
    const arrived = { event, arrival: (this.#arrivals += 1) };
    const last = this.#events.at(-1);
    if (last === undefined || last.event.at <= event.at) this.#events.push(arrived);
    else this.#events.splice(this.#firstAfter(event.at, this.#arrivals), 0, arrived);
  }

  query(query: EventQuery): EventPage {
    const [at = 0, arrival = 0] = (query.after ?? `${query.since ?? 0}:0`).split(':').map(Number);
    const found: Arrived[] = [];
    for (let index = this.#firstAfter(at, arrival); index < this.#events.length; index += 1) {
      const each = this.#events[index] as Arrived;
      if (query.until !== undefined && each.event.at >= query.until) break;
      if (matches(each.event, query)) found.push(each);
      if (found.length > query.limit) break;
    }
    const items = found.slice(0, query.limit).map(({ event }) => event);
    const last = found[query.limit - 1];
    return found.length > query.limit && last !== undefined
      ? { items, next: `${last.event.at}:${last.arrival}` }
      : { items };
  }

  trim(before: number, limit: number): number {
    const gone = this.#events.splice(0, Math.min(limit, this.#firstAfter(before, 0)));
    for (const { event } of gone) this.#ids.delete(event.id);
    return gone.length;
  }

  /** The index of the first event that comes after (at, arrival). */
  #firstAfter(at: number, arrival: number): number {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { event, arrival: arrived } = this.#events[middle] as Arrived;
      if (event.at < at || (event.at === at && arrived <= arrival)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function matches(event: StoredEvent, { task, types, queue, correlationId, minLevel, since }: EventQuery): boolean {
  return (
    (task === undefined || event.task === task) &&
    (types === undefined || types.includes(event.type)) &&
    (queue === undefined || event.queue === queue) &&
    (correlationId === undefined || event.correlationId === correlationId) &&
    (minLevel === undefined || event.level >= minLevel) &&
    (since === undefined || event.at >= since)
  );
}
