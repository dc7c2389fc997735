import type { Backend, Change, ScheduleStore, StoredState, TaskStore } from '@omniq/core/storage';
import type { OpenBackend } from '../../../src/storage/case.ts';

/** A backend whose verbs look first and write a turn later: right for one caller, wrong for two at once. */
export interface RacingStore {
  readonly name: string;
  readonly over: (backend: Backend) => Backend;
}

const everyState: readonly StoredState[] = [
  'blocked',
  'waiting',
  'running',
  'completed',
  'failed',
  'cancelled',
  'expired',
];

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const racingStores: readonly RacingStore[] = [
  {
    name: 'race: a state is looked at before it is changed',
    over: (backend) =>
      withTasks(backend, (tasks) => ({
        async update(changes, now) {
          const rows = await tasks.get(changes.map(({ id }) => id));
          await turn();
          const blind = changes.map((change, index): Change => {
            const state = rows[index]?.state;
            const held = 'states' in change.guard && state !== undefined && change.guard.states.includes(state);
            return held ? { ...change, guard: { states: everyState } } : change;
          });
          return tasks.update(blind, now);
        },
      })),
  },
  {
    name: 'race: two end one session',
    over: (backend) =>
      withTasks(backend, (tasks) => ({
        async end(session, beats) {
          const row = (await tasks.sessions()).find(({ id }) => id === session);
          await turn();
          await tasks.end(session, beats);
          return row !== undefined && !row.ended && (beats === undefined || beats === row.beats);
        },
      })),
  },
  {
    name: 'race: half of a batch is seen before the other',
    over: (backend) =>
      withTasks(backend, (tasks) => ({
        async update(changes, now) {
          const first = await tasks.update(changes.slice(0, 1), now);
          await turn();
          return [...first, ...(await tasks.update(changes.slice(1), now))];
        },
      })),
  },
  {
    name: 'race: a swap is an update and a claim',
    over: (backend) =>
      withTasks(backend, (tasks) => ({
        async swap(changes, request) {
          const outcomes = await tasks.update(changes, request.now);
          await turn();
          return { outcomes, claimed: await tasks.claim(request) };
        },
      })),
  },
  {
    name: 'race: the revision of a schedule is compared before it is set',
    over: (backend) => withSchedules(backend),
  },
];

/** Opens the backend, and each further client of it, with this fault. */
export function openRacing({ over }: RacingStore, open: OpenBackend): OpenBackend {
  return async () => {
    const opened = await open();
    const { again } = opened;
    return { ...over(opened), ...(again === undefined ? {} : { again: async () => over(await again()) }) };
  };
}

function withTasks(backend: Backend, verbs: (tasks: TaskStore) => Partial<TaskStore>): Backend {
  const tasks = backend.tasks as TaskStore;
  return { ...backend, tasks: overriding(tasks, verbs(tasks)), close: () => backend.close() };
}

function withSchedules(backend: Backend): Backend {
  const schedules = backend.schedules as ScheduleStore;
  const put: ScheduleStore['put'] = async (row, ifRevision) => {
    const stored = await schedules.get(row.id);
    await turn();
    if ((stored?.revision ?? null) !== ifRevision) return null;
    const current = await schedules.get(row.id);
    return schedules.put(row, current?.revision ?? null);
  };
  return { ...backend, schedules: overriding(schedules, { put }), close: () => backend.close() };
}

function overriding<T extends object>(store: T, verbs: Partial<T>): T {
  return new Proxy(store, {
    get(target, verb) {
      const own: unknown = Reflect.get(verbs, verb);
      const value: unknown = own ?? Reflect.get(target, verb, target);
      return typeof value === 'function' && own === undefined ? value.bind(target) : value;
    },
  });
}
