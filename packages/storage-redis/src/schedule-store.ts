import { OmniQError } from '@omniq/core/storage';
import type { SchedulePage, ScheduleQuery, ScheduleRow, ScheduleStore, StoredSchedule } from '@omniq/core/storage';
import type { Connection } from './connection.ts';
import { foreignCursor } from './cursor.ts';
import { putSchedule } from './lua/put-schedule.ts';
import { removeSchedule } from './lua/remove-schedule.ts';
import { schedulePage } from './lua/schedule-page.ts';
import { orNull } from './packing/none.ts';

const states: readonly ScheduleRow['state'][] = ['active', 'paused', 'ended'];
const STEP = 250;

/** Schedules in Redis. */
export class RedisScheduleStore implements ScheduleStore {
  readonly #connection: Connection;
  readonly #close: () => void;

  constructor(connection: Connection, close: () => void) {
    this.#connection = connection;
    this.#close = close;
  }

  async put({ id, state, dueAt, body }: ScheduleRow, ifRevision: number | null): Promise<number | null> {
    const values = [id, states.indexOf(state), dueAt ?? '', Buffer.from(body), ifRevision ?? ''];
    return (await this.#connection.run<number>(putSchedule, ...values)) || null;
  }

  async get(id: string): Promise<StoredSchedule | undefined> {
    const key = this.#connection.key('schedules');
    const stored = await this.#connection.ask('get', (client) => client.hgetBuffer(key, id));
    return stored === null ? undefined : storedSchedule(id, stored);
  }

  async list(query: ScheduleQuery): Promise<SchedulePage> {
    const { dueBy, limit } = query;
    const items: StoredSchedule[] = [];
    let [at, after] = query.after === undefined ? ['', ''] : placeOf(query.after, dueBy !== undefined);
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- each call goes on where the one before came to
      const reply = await this.#connection.run<Buffer[]>(schedulePage, dueBy ?? '', at, after, STEP);
      for (let n = 0; n < reply.length; n += 2) {
        const row = storedSchedule(String(reply[n]), reply[n + 1] as Buffer);
        [at, after] = [String(row.dueAt), row.id];
        if (query.states !== undefined && !query.states.includes(row.state)) continue;
        const last = items.at(-1);
        if (items.length === limit && last !== undefined) return { items, next: cursorOf(last, dueBy !== undefined) };
        items.push(row);
      }
      if (reply.length < 2 * STEP) return { items };
    }
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#connection.run<number>(removeSchedule, id)) === 1;
  }

  async close(): Promise<void> {
    this.#close();
  }
}

/** Revision, due time and state, then the body. */
function storedSchedule(id: string, stored: Buffer): StoredSchedule {
  const state = states[stored[16] as number];
  if (state === undefined) {
    throw new OmniQError('STORE_CORRUPT', `The schedule ${id} has a state that does not exist.`, { backend: 'redis' });
  }
  const dueAt = orNull(stored.readDoubleLE(8));
  return { id, state, dueAt, body: stored.subarray(17), revision: stored.readDoubleLE(0) };
}

function cursorOf({ dueAt, id }: StoredSchedule, byDue: boolean): string {
  return byDue ? `${dueAt}:${id}` : id;
}

/** @throws OmniQError `INVALID_OPTION` for a cursor that is not one of ours */
function placeOf(cursor: string, byDue: boolean): [at: string, id: string] {
  if (!byDue) return ['', cursor];
  const [, at, id] = /^(-?\d{1,16}):(.*)$/s.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw foreignCursor();
  return [at, id];
}
