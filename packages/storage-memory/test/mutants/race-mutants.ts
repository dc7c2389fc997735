import type { Mutant } from './mutants.ts';

const file = 'memory-task-store.ts';

/** Bugs that only show when two calls are under way at once: what was read is acted on a turn later. */
export const raceMutants: readonly Mutant[] = [
  {
    name: 'race: two end one session',
    store: 'tasks',
    file,
    find: 'return this.#open().sessions.end(session, beats);',
    replace: `const { sessions } = this.#open();
      const lives = sessions.list().some((row) => row.id === session && !row.ended && (beats ?? row.beats) === row.beats);
      await null;
      if (lives) sessions.end(session);
      return lives;`,
  },
  {
    name: 'race: two settle one run',
    store: 'tasks',
    file,
    find: 'const outcomes = this.#open().update(changes, now);',
    replace: `const { tasks } = this.#open();
      const [first] = changes;
      const task = tasks.get(first?.id);
      const holds = changes.length === 1 && task?.state === 'running' && task.lease === first.guard.lease && !task.cancelRequested;
      await null;
      const late = holds && task.state !== 'running';
      const outcomes = this.#open().update(late ? [{ ...first, guard: { states: [task.state] } }] : changes, now);`,
  },
  {
    name: 'race: two release one edge',
    store: 'tasks',
    file,
    find: 'const outcomes = this.#open().update(changes, now);',
    replace: `const { edges, tasks } = this.#open();
      const { id, guard } = changes[0] ?? { guard: {} };
      const had = changes.length === 1 && guard.edge !== undefined && edges.has(id, guard.edge);
      await null;
      if (had && !edges.has(id, guard.edge)) {
        tasks.get(id).waitsFor -= 1;
        return [{ status: 'applied' }];
      }
      const outcomes = this.#open().update(changes, now);`,
  },
  {
    name: 'race: two insert one id',
    store: 'tasks',
    file,
    find: 'const outcomes = machine.insert(rows, now);',
    replace: `const isNew = rows.length === 1 && machine.tasks.get(rows[0].id) === undefined;
      await null;
      const landed = isNew && machine.tasks.get(rows[0].id) !== undefined;
      const outcomes = landed ? [{ status: 'inserted', settled: false }] : machine.insert(rows, now);`,
  },
  {
    name: 'race: two hold one key',
    store: 'tasks',
    file,
    find: 'const outcomes = machine.insert(rows, now);',
    replace: `const holder = (key) => machine.tasks.list({ limit: 1e6 }).items.find((task) => task.uniqueKey === key);
      const key = rows.length === 1 ? rows[0].unique?.key : undefined;
      const free = key !== undefined && holder(key) === undefined;
      await null;
      const outcomes = machine.insert(free && holder(key) ? [{ ...rows[0], unique: null }] : rows, now);`,
  },
  {
    name: 'race: two claim one task',
    store: 'tasks',
    file,
    find: 'return this.#open().claim(request);',
    replace: `const machine = this.#open();
      if (machine.claiming !== undefined) return machine.claiming;
      machine.claiming = machine.claim(request);
      const mine = machine.claiming;
      await null;
      machine.claiming = undefined;
      return mine;`,
  },
  {
    name: 'race: cancelled and leased',
    store: 'tasks',
    file,
    find: 'return this.#open().claim(request);',
    replace: `const machine = this.#open();
      const due = machine.tasks.list({ states: ['waiting'], limit: 1e6 }).items;
      await null;
      const claimed = machine.claim(request);
      return [...claimed, ...due.filter(({ id }) => machine.tasks.get(id)?.state === 'cancelled')];`,
  },
  {
    name: 'race: a repeated claim request leases more',
    store: 'tasks',
    file,
    find: 'return this.#open().claim(request);',
    replace: `const machine = this.#open();
      const { lanes } = machine.sessions.live(request.session);
      const last = lanes.get(request.lane);
      await null;
      if (last !== lanes.get(request.lane) && last?.request !== request.request) lanes.delete(request.lane);
      return machine.claim(request);`,
  },
  {
    name: 'race: a parent ends unseen',
    store: 'tasks',
    file,
    find: 'const outcomes = machine.insert(rows, now);',
    replace: `const live = rows.length === 1 && rows[0].parents.every(({ id }) => machine.tasks.get(id)?.state === 'running');
      await null;
      const outcomes = machine.insert(rows, now);
      if (live && outcomes[0].settled) return [{ ...outcomes[0], settled: false }];`,
  },
  {
    name: 'race: a parent removed under its child',
    store: 'tasks',
    file,
    find: 'const outcomes = machine.insert(rows, now);',
    replace: `const known = rows.length === 1 && rows[0].parents.every(({ id }) => machine.tasks.get(id) !== undefined);
      await null;
      const lost = known && rows[0].parents.some(({ id }) => machine.tasks.get(id) === undefined);
      const outcomes = machine.insert(lost ? [{ ...rows[0], parents: [] }] : rows, now);`,
  },
  {
    name: 'race: a claim after the pause',
    store: 'tasks',
    file,
    find: 'this.#open().queues.configure(queue, settings);',
    replace: `const { queues } = this.#open();
      setImmediate(() => setImmediate(() => queues.configure(queue, settings)));`,
  },
];
