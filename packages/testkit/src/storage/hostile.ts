import assert from 'node:assert/strict';
import type { ConformanceCase } from './case.ts';
import { hostileNames, outlawNames } from './hostile-names.ts';
import { bytes } from './rows.ts';
import { HOUR } from './stage.ts';
import { abilityCase, taskCase } from './task-case.ts';

export const hostileCases: readonly ConformanceCase[] = [
  taskCase('hostile names', 'as ids, they stay apart from insert to removal', async (stage) => {
    const session = await stage.session();
    await stage.insert(...hostileNames.map((id, n) => ({ id, body: bytes(n) })));
    assert.deepEqual(await stage.listIds({}), hostileNames);
    const rows = await stage.tasks.get(hostileNames);
    rows.forEach((row, n) => assert.deepEqual([row?.id, row?.body?.[0]], [hostileNames[n], n]));
    const again = await stage.offer(...hostileNames.map((id) => stage.task({ id })));
    assert.ok(again.every(({ status }) => status === 'exists'));
    const claimed = await stage.claim(session);
    assert.deepEqual(
      claimed.map(({ id }) => id),
      hostileNames,
    );
    for (const [n, task] of claimed.entries()) {
      const change = {
        id: task.id,
        guard: { lease: task.lease },
        set: { state: 'failed', reason: task.id },
        record: bytes(n),
      } as const;
      await stage.apply(change);
    }
    for (const [n, id] of hostileNames.entries()) {
      assert.equal((await stage.row(id)).reason, id);
      assert.deepEqual(
        (await stage.tasks.history(id)).map(({ record }) => [...record]),
        [[n]],
      );
    }
    const [first, ...others] = hostileNames;
    assert.equal(await stage.tasks.remove([first as string], stage.now + HOUR), 1);
    assert.deepEqual(await stage.listIds({}), others);
  }),

  taskCase('hostile names', 'as queues, they stay apart', async (stage) => {
    const session = await stage.session();
    const ids = await stage.insert(...hostileNames.map((queue) => ({ queue })));
    const counts = await stage.tasks.count(stage.now);
    assert.deepEqual(new Set(counts.map(({ queue }) => queue)), new Set(hostileNames));
    for (const [n, queue] of hostileNames.entries()) {
      assert.deepEqual(await stage.listIds({ queues: [queue] }), [ids[n]]);
      await stage.tasks.configure(queue, { paused: true });
      assert.deepEqual(await stage.claimIds(session, { queues: [queue] }), []);
      await stage.tasks.configure(queue, { paused: false });
      assert.deepEqual(await stage.claimIds(session, { queues: [queue] }), [ids[n]], queue);
    }
    const configured = (await stage.tasks.queues()).map(({ queue }) => queue);
    assert.deepEqual(configured.sort(), [...hostileNames].sort());
  }),

  taskCase('hostile names', 'as task names, they stay apart', async (stage) => {
    const ids = await stage.insert(...hostileNames.map((name) => ({ name })));
    for (const [n, name] of hostileNames.entries()) {
      assert.deepEqual(await stage.listIds({ names: [name] }), [ids[n]], name);
    }
    const claimed = await stage.claim(await stage.session());
    assert.deepEqual(
      claimed.map(({ name }) => name),
      hostileNames,
    );
  }),

  abilityCase('uniqueKeys', 'hostile names', 'as unique keys, they stay apart', async (stage) => {
    const uniques = hostileNames.map((key) => ({ unique: { key, until: null } }));
    const ids = await stage.insert(...uniques);
    const outcomes = await stage.offer(...uniques.map((unique) => stage.task(unique)));
    assert.deepEqual(
      outcomes,
      ids.map((holder) => ({ status: 'taken', holder })),
    );
    assert.deepEqual(
      (await stage.tasks.get(ids)).map((row) => row?.uniqueKey),
      hostileNames,
    );
  }),

  abilityCase(
    'uniqueKeys',
    'hostile names',
    'unique keys of 512 characters are told apart by the last',
    async (stage) => {
      const long = 'k'.repeat(511);
      await stage.insert(...['a', 'b'].map((end) => ({ unique: { key: long + end, until: null } })));
    },
  ),

  taskCase('hostile names', 'as parents, they stay apart', async (stage) => {
    await stage.insert(...hostileNames.map((id) => ({ id, queue: 'parents' })));
    const child = await stage.insertOne({ id: 'child', parents: hostileNames.map((id) => ({ id, policy: 'run' })) });
    for (const [n, id] of hostileNames.entries()) {
      const { items } = await stage.tasks.edges({ parent: id, limit: 10 });
      assert.deepEqual(
        items.map(({ parent }) => parent),
        [id],
      );
      await stage.apply({ id: child, guard: { edge: id }, set: {} });
      assert.equal((await stage.row(child)).waitsFor, hostileNames.length - n - 1);
    }
  }),

  taskCase('hostile names', 'as sessions, they stay apart', async (stage) => {
    for (const id of hostileNames) {
      await stage.session(id);
      assert.equal((await stage.running(id)).lease > 0, true);
    }
    const sessions = await stage.tasks.sessions();
    assert.deepEqual(
      new Map(sessions.map(({ id, leases }) => [id, leases])),
      new Map(hostileNames.map((id) => [id, 1])),
    );
    for (const id of hostileNames) assert.equal(await stage.tasks.end(id), true, id);
  }),

  taskCase(
    'hostile names',
    'what is beyond the bounds is refused or kept, but never taken for another',
    async (stage) => {
      const kept: string[] = [];
      for (const id of outlawNames) {
        const outcome = await stage.offer(stage.task({ id, queue: id })).catch(() => null);
        if (outcome === null) continue;
        assert.deepEqual(outcome, [{ status: 'inserted', settled: false }]);
        kept.push(id);
      }
      assert.deepEqual(await stage.listIds({}), kept);
      assert.ok(kept.includes('n'));
      const rows = await Promise.all(kept.map((id) => stage.row(id)));
      assert.deepEqual(
        rows.map(({ id, queue }) => [id, queue]),
        kept.map((id) => [id, id]),
      );
      assert.deepEqual(await stage.claimIds(await stage.session(), { queues: ['n'] }), ['n']);
    },
  ),
];
