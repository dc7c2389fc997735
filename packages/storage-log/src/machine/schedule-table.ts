import type { ScheduleQuery } from '@omniq/core/storage';
import { byteOrder } from './byte-order.ts';
import type { HeldSchedule } from './command.ts';

export type StoredHeldSchedule = HeldSchedule & { readonly revision: number };

/** Schedules by id. There are few, so a list sorts them each time. */
export class ScheduleTable {
  readonly rows: Map<string, StoredHeldSchedule> = new Map();
  /** One for all schedules: it grows even for an id that was removed and comes back. */
  revision = 0;

  /** Returns the new revision, or `null` where the stored one is another than `ifRevision`. */
  put({ id, state, dueAt, body }: HeldSchedule, ifRevision: number | null): number | null {
    if ((this.rows.get(id)?.revision ?? null) !== ifRevision) return null;
    this.revision += 1;
    this.rows.delete(id);
    this.rows.set(id, { id, state, dueAt, body, revision: this.revision });
    return this.revision;
  }

  list({ states, dueBy, after, limit }: ScheduleQuery): { items: StoredHeldSchedule[]; next?: string } {
    const cursor = after === undefined ? undefined : placeFrom(after);
    const found = [...this.rows.values()]
      .filter(
        ({ state, dueAt }) =>
          (states?.includes(state) ?? true) && (dueBy === undefined || (dueAt !== null && dueAt <= dueBy)),
      )
      .map((row) => ({ row, place: { due: dueBy === undefined ? 0 : (row.dueAt ?? 0), id: row.id } }))
      .filter(({ place }) => cursor === undefined || compare(place, cursor) > 0)
      .sort((a, b) => compare(a.place, b.place));
    const items = found.slice(0, limit).map(({ row }) => ({ ...row }));
    const last = found[limit - 1];
    if (found.length <= limit || last === undefined) return { items };
    return { items, next: `${last.place.due}:${last.place.id}` };
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
