import { inFile, type Mutant } from './mutant.ts';

/** How a store asks the machine for each verb that can race. */
const asked = {
  claim: "const claimed = await ask(this.#port, { verb: 'claim', request });",
  configure: "await ask(this.#port, { verb: 'configure', queue, settings });",
  end: `const ended = await ask(
      this.#port,
      beats === undefined ? { verb: 'end', session } : { verb: 'end', session, beats },
    );`,
  insert: "return ask(this.#port, { verb: 'insert', rows, now });",
  update: "return ask(this.#port, { verb: 'update', changes, now });",
};

/** Bugs that only show when two calls are under way at once: what was read is acted on a turn later. */
export const raceMutants: readonly Mutant[] = inFile('storage-log/src/stores/machine-task-store.ts', 'tasks', [
  [
    'race: two end one session',
    asked.end,
    `const rows = this.#port.machine.sessions();
    const ended = rows.some((row) => row.id === session && !row.ended && (beats ?? row.beats) === row.beats);
    await null;
    if (ended) await ask(this.#port, { verb: 'end', session });`,
  ],
  [
    'race: two settle one run',
    asked.update,
    `const [first] = changes;
    const row = () => this.#port.machine.row(first?.id);
    const { state, lease, cancelRequested } = row() ?? {};
    const holds = changes.length === 1 && state === 'running' && lease === first.guard.lease && !cancelRequested;
    await null;
    const late = holds && row()?.state !== 'running';
    const blind = late ? [{ ...first, guard: { states: [row()?.state] } }] : changes;
    return ask(this.#port, { verb: 'update', changes: blind, now });`,
  ],
  [
    'race: two release one edge',
    asked.update,
    `const { id, guard } = changes[0] ?? { guard: {} };
    const parents = () => this.#port.machine.edges({ child: id, limit: 1e6 }).items.map(({ parent }) => parent);
    const had = changes.length === 1 && guard.edge !== undefined && parents().includes(guard.edge);
    await null;
    const twice = had && !parents().includes(guard.edge);
    // The count falls twice: another parent's edge goes with it.
    const blind = twice ? parents().slice(0, 1).map((edge) => ({ ...changes[0], guard: { edge } })) : changes;
    const outcomes = await ask(this.#port, { verb: 'update', changes: blind, now });
    return twice ? [{ status: 'applied' }] : outcomes;`,
  ],
  [
    'race: two insert one id',
    asked.insert,
    `const isStored = () => this.#port.machine.row(rows[0]?.id) !== undefined;
    const isNew = rows.length === 1 && !isStored();
    await null;
    if (isNew && isStored()) return [{ status: 'inserted', settled: false }];
    ${asked.insert}`,
  ],
  [
    'race: two hold one key',
    asked.insert,
    `const { machine } = this.#port;
    const key = rows.length === 1 ? rows[0].unique?.key : undefined;
    const isTaken = () => machine.list({ limit: 1e6 }).items.some(({ uniqueKey }) => uniqueKey === key);
    const free = key !== undefined && !isTaken();
    await null;
    const given = free && isTaken() ? [{ ...rows[0], unique: null }] : rows;
    return ask(this.#port, { verb: 'insert', rows: given, now });`,
  ],
  [
    'race: two claim one task',
    asked.claim,
    `const { machine } = this.#port;
    if (machine.claiming !== undefined) return machine.claiming;
    machine.claiming = ask(this.#port, { verb: 'claim', request });
    const claimed = await machine.claiming.finally(() => (machine.claiming = undefined));`,
  ],
  [
    'race: cancelled and leased',
    `if (!(await this.#isWorthAsking(request))) return [];
    ${asked.claim}`,
    `const { machine } = this.#port;
    const due = machine.list({ states: ['waiting'], limit: 1e6 }).items;
    if (!(await this.#isWorthAsking(request))) return [];
    const found = await ask(this.#port, { verb: 'claim', request });
    const claimed = [...found, ...due.filter(({ id }) => machine.row(id)?.state === 'cancelled')];`,
  ],
  [
    'race: a repeated claim request leases more',
    asked.claim,
    `const { machine } = this.#port;
    const isNew = machine.outlook(request) !== 'repeat';
    await null;
    const blind = isNew && machine.outlook(request) === 'repeat' ? { ...request, lane: request.lane + 1_000 } : request;
    const claimed = await ask(this.#port, { verb: 'claim', request: blind });`,
  ],
  [
    'race: a parent ends unseen',
    asked.insert,
    `const { machine } = this.#port;
    const live = rows.length === 1 && rows[0].parents.every(({ id }) => machine.row(id)?.state === 'running');
    await null;
    const outcomes = await ask(this.#port, { verb: 'insert', rows, now });
    return live && outcomes[0].settled ? [{ ...outcomes[0], settled: false }] : outcomes;`,
  ],
  [
    'race: a parent removed under its child',
    asked.insert,
    `const { machine } = this.#port;
    const areKnown = () => rows[0].parents.every(({ id }) => machine.row(id) !== undefined);
    const known = rows.length === 1 && areKnown();
    await null;
    const given = known && !areKnown() ? [{ ...rows[0], parents: [] }] : rows;
    return ask(this.#port, { verb: 'insert', rows: given, now });`,
  ],
  [
    'race: a claim after the pause',
    asked.configure,
    `const later = () => void ask(this.#port, { verb: 'configure', queue, settings }).catch(() => {});
    setImmediate(() => setImmediate(later));`,
  ],
]);
