import assert from 'node:assert/strict';
import type { Edge, EdgeQuery } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { HOUR, type Stage } from './stage.ts';
import { taskCase } from './task-case.ts';

export const edgeCases: readonly ConformanceCase[] = [
  taskCase('edges', 'edges are found by parent, by child and all together', async (stage) => {
    const [a, b] = await parentsOf(stage, 2);
    const one = await stage.insertOne({ parents: [{ id: a, policy: 'cancel' }] });
    const two = await stage.insertOne({
      parents: [
        { id: a, policy: 'run' },
        { id: b, policy: 'hold' },
      ],
    });
    const edges = {
      oneA: { child: one, parent: a, policy: 'cancel', parentState: 'waiting' },
      twoA: { child: two, parent: a, policy: 'run', parentState: 'waiting' },
      twoB: { child: two, parent: b, policy: 'hold', parentState: 'waiting' },
    };
    sameEdges(await allEdges(stage, {}), [edges.oneA, edges.twoA, edges.twoB]);
    sameEdges(await allEdges(stage, { parent: a }), [edges.oneA, edges.twoA]);
    sameEdges(await allEdges(stage, { parent: b }), [edges.twoB]);
    sameEdges(await allEdges(stage, { child: two }), [edges.twoA, edges.twoB]);
    sameEdges(await allEdges(stage, { child: two, parent: b }), [edges.twoB]);
    sameEdges(await allEdges(stage, { parent: one }), []);
  }),

  taskCase('edges', 'an edge tells the state of its parent', async (stage) => {
    const session = await stage.session();
    const parent = await stage.insertOne({ queue: 'parents' });
    const child = await stage.insertOne({ parents: [{ id: parent, policy: 'cancel' }] });
    const [task] = await stage.claim(session, { queues: ['parents'] });
    assert.equal((await allEdges(stage, { child }))[0]?.parentState, 'running');
    await stage.finish(task ?? { id: parent, lease: 0 }, 'failed');
    assert.equal((await allEdges(stage, { child }))[0]?.parentState, 'failed');
  }),

  taskCase('edges', 'pages of edges follow a stable order: no edge twice, none missed', async (stage) => {
    const [a, b] = await parentsOf(stage, 2);
    const both = [a, b].map((id) => ({ id, policy: 'run' as const }));
    const children = await stage.insert(...Array.from({ length: 12 }, () => ({ parents: both })));
    const names = (await allEdges(stage, {}, 5)).map(nameOf);
    assert.equal(names.length, 24);
    assert.equal(new Set(names).size, 24);
    assert.deepEqual(names, (await allEdges(stage, {}, 24)).map(nameOf));
    const ofA = (await allEdges(stage, { parent: a }, 5)).map(({ child }) => child);
    assert.deepEqual(ofA.sort(), [...children].sort());
  }),

  taskCase('edges', 'paging on while edges are resolved and made misses none that stays', async (stage) => {
    const [parent] = await parentsOf(stage, 1);
    const children = await stage.insert(
      ...Array.from({ length: 12 }, () => ({ parents: [{ id: parent, policy: 'run' as const }] })),
    );
    const seen: string[] = [];
    let after: string | undefined;
    for (let page = 0; page < 20; page += 1) {
      const { items, next } = await stage.tasks.edges({ parent, limit: 3, ...(after === undefined ? {} : { after }) });
      seen.push(...items.map(({ child }) => child));
      for (const { child } of items) await stage.apply({ id: child, guard: { edge: parent }, set: {} });
      if (page === 1) await stage.insertOne({ parents: [{ id: parent, policy: 'run' }] });
      after = next;
      if (after === undefined) break;
    }
    for (const child of children) assert.ok(seen.includes(child), `${child} was seen`);
    assert.equal(new Set(seen).size, seen.length, 'no edge twice');
  }),

  taskCase('edges', 'resolving edges one by one unblocks the child with the last', async (stage) => {
    const session = await stage.session();
    const [a, b] = await parentsOf(stage, 2);
    const child = await stage.insertOne({ parents: [a, b].map((id) => ({ id, policy: 'run' })) });
    await stage.apply({ id: child, guard: { edge: a }, set: {} });
    assert.deepEqual(await brief(stage, child), { state: 'blocked', waitsFor: 1 });
    sameEdges(await allEdges(stage, { child }), [{ child, parent: b, policy: 'run', parentState: 'waiting' }]);
    assert.deepEqual(await stage.claimIds(session), []);
    await stage.apply({ id: child, guard: { edge: b }, set: {} });
    assert.deepEqual(await brief(stage, child), { state: 'waiting', waitsFor: 0 });
    assert.deepEqual(await stage.claimIds(session), [child]);
  }),

  taskCase('edges', 'an edge resolves once: again is stale and takes off nothing', async (stage) => {
    const [a, b] = await parentsOf(stage, 2);
    const child = await stage.insertOne({ parents: [a, b].map((id) => ({ id, policy: 'run' })) });
    const release = { id: child, guard: { edge: a }, set: {} };
    const outcomes = await stage.tasks.update([release, release], stage.now);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['applied', 'stale'],
    );
    assert.equal((await stage.change(release)).status, 'stale');
    assert.equal((await stage.change({ id: child, guard: { edge: 'nobody' }, set: {} })).status, 'stale');
    assert.equal((await stage.change({ id: 'nobody', guard: { edge: a }, set: {} })).status, 'missing');
    assert.deepEqual(await brief(stage, child), { state: 'blocked', waitsFor: 1 });
  }),

  taskCase('edges', 'a released child waits for its runAt as any other', async (stage) => {
    const session = await stage.session();
    const [a] = await parentsOf(stage, 1);
    const child = await stage.insertOne({ parents: [{ id: a, policy: 'run' }], runAt: stage.now + HOUR });
    await stage.apply({ id: child, guard: { edge: a }, set: {} });
    assert.deepEqual(await stage.claimIds(session), []);
    stage.now += HOUR;
    assert.deepEqual(await stage.claimIds(session), [child]);
  }),

  taskCase('edges', 'the last edge of a child that was cancelled leaves it cancelled', async (stage) => {
    const [a] = await parentsOf(stage, 1);
    const child = await stage.insertOne({ parents: [{ id: a, policy: 'run' }] });
    const outcomes = await stage.tasks.update(
      [
        { id: child, guard: { states: ['blocked'] }, set: { state: 'cancelled', finishedAt: stage.now } },
        { id: child, guard: { edge: a }, set: {} },
      ],
      stage.now,
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['applied', 'applied'],
    );
    assert.deepEqual(await brief(stage, child), { state: 'cancelled', waitsFor: 0 });
    assert.deepEqual(await stage.claimIds(await stage.session()), []);
  }),

  taskCase('edges', 'a change says whether other tasks wait for this one', async (stage) => {
    const session = await stage.session();
    const [parent, lone] = [await stage.running(session), await stage.running(session)];
    const child = await stage.insertOne({ parents: [{ id: parent.id, policy: 'run' }] });
    assert.equal((await stage.finish(parent)).dependents, true);
    assert.notEqual((await stage.finish(lone)).dependents, true);
    await stage.apply({ id: child, guard: { edge: parent.id }, set: {} });
    const again = await stage.apply({ id: parent.id, guard: { states: ['completed'] }, set: { reason: 'again' } });
    assert.notEqual(again.dependents, true, 'no more once the edge is resolved');
  }),
];

async function parentsOf(stage: Stage, count: number): Promise<[string, string]> {
  return (await stage.insert(...Array.from({ length: count }, () => ({ queue: 'parents' })))) as [string, string];
}

async function allEdges(stage: Stage, query: Omit<EdgeQuery, 'limit' | 'after'>, limit = 100): Promise<Edge[]> {
  const edges: Edge[] = [];
  let after: string | undefined;
  for (let page = 0; page < 100; page += 1) {
    const { items, next } = await stage.tasks.edges({ ...query, limit, ...(after === undefined ? {} : { after }) });
    assert.ok(items.length <= limit, 'a page holds no more than its limit');
    edges.push(...items);
    if (next === undefined) return edges;
    after = next;
  }
  assert.fail('paging does not end');
}

function nameOf({ child, parent }: { child: string; parent: string }): string {
  return `${child} ${parent}`;
}

function sameEdges(actual: readonly Edge[], expected: readonly object[]): void {
  const byName = (a: object, b: object): number => (nameOf(a as Edge) < nameOf(b as Edge) ? -1 : 1);
  assert.deepEqual([...actual].sort(byName), [...expected].sort(byName));
}

async function brief(stage: Stage, id: string): Promise<object> {
  const { state, waitsFor } = await stage.row(id);
  return { state, waitsFor };
}
