import type { SchedulePage, ScheduleQuery, ScheduleRow, ScheduleStore, StoredSchedule } from '@omniq/core/storage';
import { byteOrder } from './byte-order.ts';
import { Connection } from './connection.ts';

/** Schedules by id. There are few, so a list sorts them each time. */
export class ScheduleTable {
  readonly rows: Map<string, StoredSchedule> = new Map();
  /** One for all schedules: it grows even for an id that was removed and comes back. */
  revision = 0;
}

/** One opening of a {@link ScheduleTable}. */
export class MemoryScheduleStore implements ScheduleStore {
  readonly #table: ScheduleTable;
  readonly #connection = new Connection();

  constructor(table: ScheduleTable) {
    this.#table = table;
  }

  async put({ id, state, dueAt, body }: ScheduleRow, ifRevision: number | null): Promise<number | null> {
    const { rows } = this.#open();
    if ((rows.get(id)?.revision ?? null) !== ifRevision) return null;
    const revision = (this.#table.revision += 1);
    rows.set(id, { id, state, dueAt, body, revision });
    return revision;
  }

  async get(id: string): Promise<StoredSchedule | undefined> {
    const row = this.#open().rows.get(id);
    return row === undefined ? undefined : { ...row };
  }

  async list({ states, dueBy, after, limit }: ScheduleQuery): Promise<SchedulePage> {
    const cursor = after === undefined ? undefined : placeFrom(after);
    const found = [...this.#open().rows.values()]
      .filter(
        ({ state, dueAt }) =>
          (states?.includes(state) ?? true) && (dueBy === undefined || (dueAt !== null && dueAt <= dueBy)),
      )
      .map((row) => ({ row, place: { due: dueBy === undefined ? 0 : (row.dueAt ?? 0), id: row.id } }))
      .filter(({ place }) => cursor === undefined || compare(place, cursor) > 0)
      .sort((a, b) => compare(a.place, b.place));
    const items = found.slice(0, limit).map(({ row }) => ({ ...row }));
    const last = found[limit - 1];
    return found.length > limit && last !== undefined
      ? { items, next: `${last.place.due}:${last.place.id}` }
      : { items };
  }

  async remove(id: string): Promise<boolean> {
    return this.#open().rows.delete(id);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #open(): ScheduleTable {
    this.#connection.check();
    return this.#table;
  }
}

interface Place {
  readonly due: number;
  readonly id: string;
}

function placeFrom(cursor: string): Place {
  const colon = cursor.indexOf(':');
  return { due: Number(cursor.slice(0, colon)), id: cursor.slice(colon + 1) };
}

function compare(a: Place, b: Place): number {
  return a.due - b.due || byteOrder(a.id, b.id);
}
