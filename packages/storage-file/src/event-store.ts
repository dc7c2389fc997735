import type { EventPage, EventQuery, EventStore, StoredEvent } from '@omniq/core/storage';
import type { Disk } from './disk.ts';
import { EventFiles, hourOf, type FiledEvent } from './event-files.ts';
import { matches } from './event-line.ts';
import { comesAfter, EventFloor, startOf, type EventPlace } from './event-floor.ts';
import { Opening } from './opening.ts';

/** Events as lines of JSON in files by the hour, which every tool can read. */
export class FileEventStore implements EventStore {
  readonly #opening: Opening;
  readonly #files: EventFiles;
  readonly #floor: EventFloor;

  constructor(disk: Disk) {
    this.#opening = new Opening(disk);
    this.#files = new EventFiles(disk);
    this.#floor = new EventFloor(disk);
  }

  append(events: readonly StoredEvent[]): Promise<void> {
    return this.#opening.run(async () => {
      for (const [hour, some] of Map.groupBy(firstOfEach(events), ({ at }) => hourOf(at))) {
        await this.#files.append(hour, some);
      }
    });
  }

  query(query: EventQuery): Promise<EventPage> {
    return this.#opening.run(async () => {
      const from = placeIn(query.after);
      const { since = 0, until = Number.POSITIVE_INFINITY, limit } = query;
      const range = { from: Math.max(since, from.at), until };
      const found: FiledEvent[] = [];
      for await (const filed of this.#inOrder(range, (event) => matches(event, query))) {
        if (!comesAfter(filed, from)) continue;
        found.push(filed);
        if (found.length > limit) break;
      }
      const items = found.slice(0, limit).map(({ event }) => event);
      const last = found[limit - 1];
      return found.length > limit && last !== undefined
        ? { items, next: `${last.event.at}:${last.offset}` }
        : { items };
    });
  }

  trim(before: number, limit: number): Promise<number> {
    return this.#opening.run(async () => {
      let gone = 0;
      let last: FiledEvent | undefined;
      for await (const filed of this.#inOrder({ from: 0, until: before }, () => true)) {
        if (gone >= limit) break;
        gone += 1;
        last = filed;
      }
      if (last !== undefined) {
        // Where all of them go, so does what may still come of that time, and with it whole files.
        const isAll = gone < limit && before > 0;
        await this.#floor.raise(isAll ? startOf(before) : { at: last.event.at, offset: last.offset });
      }
      const hour = hourOf(this.#floor.current().at);
      for (const each of this.#files.hours()) if (each < hour) this.#files.remove(each);
      return gone;
    });
  }

  async close(): Promise<void> {
    this.#opening.close();
  }

  /** Those of a span of time that were not trimmed, by their time, then as they arrived; each id once. */
  async *#inOrder(
    { from, until }: { readonly from: number; readonly until: number },
    isWanted: (event: StoredEvent) => boolean,
  ): AsyncGenerator<FiledEvent> {
    const floor = this.#floor.current();
    const [first, end] = [hourOf(Math.max(from, floor.at)), until];
    for (const hour of this.#files.hours().filter((each) => each >= first && each <= hourOf(end))) {
      const found: FiledEvent[] = [];
      for await (const filed of this.#files.read(hour)) {
        const isIn = filed.event.at < end && comesAfter(filed, floor) && isWanted(filed.event);
        if (isIn) found.push(filed);
      }
      yield* found.sort((a, b) => a.event.at - b.event.at || a.offset - b.offset);
    }
  }
}

function firstOfEach(events: readonly StoredEvent[]): StoredEvent[] {
  const ids = new Set<string>();
  return events.filter(({ id }) => !ids.has(id) && ids.add(id));
}

function placeIn(cursor: string | undefined): EventPlace {
  const [, at, offset] = /^(\d{1,16}):(\d{1,16})$/.exec(cursor ?? '') ?? [];
  return at === undefined ? startOf(0) : { at: Number(at), offset: Number(offset) };
}
