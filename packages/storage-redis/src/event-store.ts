import type { EventPage, EventQuery, EventStore, StoredEvent } from '@omniq/core/storage';
import type { Connection } from './connection.ts';
import { decodeMember, encodeMember } from './cursor.ts';
import { appendEvents } from './lua/append-events.ts';
import { eventPage } from './lua/event-page.ts';
import { trimEvents } from './lua/trim-events.ts';
import { packEvent, readEvent } from './packing/event.ts';
import { slices } from './slices.ts';

const MOST = 250;
const PLACE = 16;
/** Added to times, so that their bytes are in their order. */
const BIAS = 8.64e15;
const LAST = Buffer.from([0xff]);

/** Events in Redis: an index by time, one by task and by correlation id; the other filters are applied here. */
export class RedisEventStore implements EventStore {
  readonly #connection: Connection;
  readonly #close: () => void;

  constructor(connection: Connection, close: () => void) {
    this.#connection = connection;
    this.#close = close;
  }

  async append(events: readonly StoredEvent[]): Promise<void> {
    for (const some of slices(events, MOST)) {
      const values = some.flatMap((event) => {
        return [event.id, event.at, event.task ?? '', event.correlationId ?? '', packEvent(event)];
      });
      // oxlint-disable-next-line no-await-in-loop -- events arrive in order
      await this.#connection.run(appendEvents, ...values);
    }
  }

  async query(query: EventQuery): Promise<EventPage> {
    const items: StoredEvent[] = [];
    let last: Buffer | undefined;
    let from = lowerBound(query);
    for (;;) {
      const values = [prefixOf(query), from, upperBound(query), MOST];
      // oxlint-disable-next-line no-await-in-loop -- each call goes on where the one before came to
      const reply = await this.#connection.run<Buffer[]>(eventPage, ...values);
      for (let at = 0; at < reply.length; at += 2) {
        const place = reply[at] as Buffer;
        const event = readEvent(place.toString('utf8', PLACE), reply[at + 1] as Buffer);
        if (!matches(event, query)) continue;
        if (items.length === query.limit) return { items, ...(last === undefined ? {} : { next: encodeMember(last) }) };
        items.push(event);
        last = place;
      }
      if (reply.length < 2 * MOST) return { items };
      from = Buffer.concat([Buffer.from('('), reply[reply.length - 2] as Buffer]);
    }
  }

  async trim(before: number, limit: number): Promise<number> {
    let gone = 0;
    while (gone < limit) {
      const most = Math.min(MOST, limit - gone);
      // oxlint-disable-next-line no-await-in-loop -- one call after the other leaves others their turn
      const went = await this.#connection.run<number>(trimEvents, before, most);
      gone += went;
      if (went < most) break;
    }
    return gone;
  }

  async close(): Promise<void> {
    this.#close();
  }
}

function prefixOf({ task, correlationId }: EventQuery): Buffer {
  const to = task ?? correlationId;
  if (to === undefined) return Buffer.alloc(0);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(to));
  return Buffer.concat([Buffer.from(task === undefined ? 'c' : 't'), length, Buffer.from(to)]);
}

function lowerBound({ since, after }: EventQuery): Buffer {
  const start = Buffer.concat([Buffer.from('['), since === undefined ? Buffer.alloc(0) : placeOf(since)]);
  if (after === undefined) return start;
  const next = Buffer.concat([Buffer.from('('), decodeMember(after, Buffer.alloc(0))]);
  return Buffer.compare(next.subarray(1), start.subarray(1)) < 0 ? start : next;
}

function upperBound({ until }: EventQuery): Buffer {
  return until === undefined ? LAST : placeOf(until);
}

function placeOf(at: number): Buffer {
  const place = Buffer.alloc(8);
  place.writeDoubleBE(at + BIAS);
  return place;
}

function matches(event: StoredEvent, { types, queue, correlationId, task, minLevel }: EventQuery): boolean {
  return (
    (types?.includes(event.type) ?? true) &&
    (queue === undefined || event.queue === queue) &&
    (correlationId === undefined || event.correlationId === correlationId) &&
    (task === undefined || event.task === task) &&
    (minLevel === undefined || event.level >= minLevel)
  );
}
