import type { Change, QueueSettings, RecordStore, ResultStore, ScheduleStore } from '@omniq/core/storage';
import { bytes, newSession } from '../storage/rows.ts';
import { STRANGE, type Side } from './side.ts';
import type { ChangeSpec, SettingsSpec, Step } from './step.ts';
import type { Placed } from './timeline.ts';
import { changeOf, requestOf, rowOf, settlementOf } from './written.ts';

/** A call that is ready to be made; it answers with what the store said. */
export type Call = () => Promise<unknown>;

type Of<V extends Step['verb']> = Extract<Step, { readonly verb: V }>;

/**
 * Makes a placed step a call on this side. Whatever it needs to know, such as the last lease of a task, is looked up now,
 * not when it is made: a client that calls together with others knows no more than they do.
 */
export async function bind(placed: Placed, side: Side): Promise<Call> {
  const { step, now, serial } = placed;
  const { results, schedules, records } = side.client(serial);
  switch (step.verb) {
    case 'putResult': {
      const lease = side.leases.find(step.id, step.lease, STRANGE);
      const expiresAt = step.ttl === null ? null : now + step.ttl;
      return () => (results as ResultStore).put([{ id: step.id, lease, value: bytes(step.value), expiresAt }]);
    }
    case 'removeResults': {
      const { id, below } = step;
      const key = below === null ? { id } : { id, below: side.leases.find(id, below, STRANGE) };
      return () => (results as ResultStore).remove([key]);
    }
    case 'sweepResults':
      return () => (results as ResultStore).sweep(now, step.limit);
    case 'putSchedule':
      return bindSchedule(step, placed, side, schedules as ScheduleStore);
    case 'removeSchedule':
      return () => (schedules as ScheduleStore).remove(step.id);
    case 'putRecord':
      return bindRecord(step, serial, side, records as RecordStore);
    case 'deleteRecord': {
      const tag = step.over === 'any' ? undefined : side.tags.find(step.key, step.over, 'strange');
      return () => (records as RecordStore).delete(step.key, ...(tag === undefined ? [] : [tag]));
    }
    default:
      return bindTasks(placed, side);
  }
}

async function bindTasks(placed: Placed, side: Side): Promise<Call> {
  const { step, now, serial } = placed;
  const tasks = side.tasks(serial);
  switch (step.verb) {
    case 'insert':
      return () =>
        tasks.insert(
          step.rows.map((row) => rowOf(row, now)),
          now,
        );
    case 'update': {
      const changes = await changesOf(step.changes, side, placed);
      return () => tasks.update(changes, now);
    }
    case 'settle': {
      const held = side.claimed.get(`${step.lane} ${step.session}`) ?? [];
      const changes = settlementOf(step, held, now);
      return () => side.tasks(step.session).update(changes, now);
    }
    case 'remove':
      return () => tasks.remove(step.ids, now + step.remember);
    case 'configure':
      return () => tasks.configure(step.queue, settingsOf(step.settings));
    case 'open':
      return () => side.tasks(step.session).open(newSession(step.session), now);
    case 'beat':
      return () => side.tasks(step.session).beat(step.session, now);
    case 'end':
      return bindEnd(step, side);
    case 'claim':
    case 'swap':
      return bindClaim(step, placed, side);
    default:
      return () => Promise.resolve(undefined);
  }
}

async function changesOf(specs: readonly ChangeSpec[], side: Side, placed: Placed): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for (const spec of specs) changes.push(await changeOf(spec, side, placed));
  return changes;
}

async function bindClaim(step: Of<'claim' | 'swap'>, placed: Placed, side: Side): Promise<Call> {
  const { session, lane } = step.claim;
  const tasks = side.tasks(session);
  const request = requestOf(step.claim, placed);
  const keep = <T extends { readonly id: string; readonly lease: number }>(claimed: readonly T[]): readonly T[] => {
    side.claimed.set(`${lane} ${session}`, claimed);
    return claimed;
  };
  if (step.verb === 'claim') return async () => keep(await tasks.claim(request));
  const changes = await changesOf(step.changes, side, placed);
  return async () => {
    const swapped = await tasks.swap?.(changes, request);
    keep(swapped?.claimed ?? []);
    return swapped;
  };
}

async function bindEnd({ session, beats }: Of<'end'>, side: Side): Promise<Call> {
  const current = await side.beatsOf(session);
  const tasks = side.tasks(session);
  if (beats === 'any') return () => tasks.end(session);
  const seen = beats === 'current' ? (current ?? STRANGE) : side.beats.find(session, 'former', STRANGE);
  return () => tasks.end(session, seen);
}

function bindSchedule({ row, over }: Of<'putSchedule'>, { now }: Placed, side: Side, schedules: ScheduleStore): Call {
  const { id, state, due, body } = row;
  const revision = over === null ? null : side.revisions.find(id, over, STRANGE);
  const put = { id, state, dueAt: due === null ? null : now + due, body: bytes(body) };
  return async () => ({ id, revision: await schedules.put(put, revision) });
}

function bindRecord({ key, value, over }: Of<'putRecord'>, serial: number, side: Side, records: RecordStore): Call {
  const tag = over === 'any' || over === null ? over : side.tags.find(key, over, 'strange');
  const written = bytes(value, serial & 255, serial >> 8);
  return async () => ({ key, serial, tag: await records.put(key, written, ...(tag === 'any' ? [] : [tag])) });
}

function settingsOf({ perKey, ...settings }: SettingsSpec): Partial<QueueSettings> {
  if (perKey === undefined) return settings;
  return { ...settings, perKey: perKey === null ? null : { concurrency: perKey, rate: null } };
}
