import assert from 'node:assert/strict';
import type { StoredState } from '@omniq/core/storage';
import { rejectsWith } from './abilities.ts';
import type { ConformanceCase } from './case.ts';
import { HOUR, MINUTE, type Stage } from './stage.ts';
import { abilityCase } from './task-case.ts';

function uniqueCase(title: string, body: (stage: Stage) => Promise<void>): ConformanceCase {
  return abilityCase('uniqueKeys', 'unique keys', title, body);
}

const key = { key: 'invoice 7', until: null };

export const uniqueCases: readonly ConformanceCase[] = [
  uniqueCase('a held key refuses others and names its holder', async (stage) => {
    const holder = await stage.insertOne({ unique: key });
    const other = stage.task({ unique: key });
    assert.deepEqual(await stage.offer(other), [{ status: 'taken', holder }]);
    assert.deepEqual(await stage.tasks.get([other.id]), [undefined]);
    assert.equal((await stage.row(holder)).uniqueKey, key.key);
    assert.deepEqual(await stage.claimIds(await stage.session()), [holder]);
  }),

  uniqueCase('a refused row refuses no other row of its call', async (stage) => {
    const holder = await stage.insertOne({ unique: key });
    const outcomes = await stage.offer(
      stage.task(),
      stage.task({ unique: key }),
      stage.task({ unique: { key: 'b', until: null } }),
    );
    assert.deepEqual(outcomes, [
      { status: 'inserted', settled: false },
      { status: 'taken', holder },
      { status: 'inserted', settled: false },
    ]);
  }),

  uniqueCase('of two rows of one call with one key the first holds it', async (stage) => {
    const [first, second] = [stage.task({ unique: key }), stage.task({ unique: key })];
    assert.deepEqual(await stage.offer(first, second), [
      { status: 'inserted', settled: false },
      { status: 'taken', holder: first.id },
    ]);
  }),

  uniqueCase('the holder itself inserted again is known, not taken', async (stage) => {
    const holder = stage.task({ unique: key });
    await stage.offer(holder);
    assert.deepEqual(await stage.offer(holder), [{ status: 'exists' }]);
  }),

  uniqueCase('the key is held while its task is blocked, waits, runs and waits again', async (stage) => {
    const session = await stage.session();
    const parent = await stage.insertOne({ queue: 'parents' });
    const id = await stage.insertOne({ unique: key, parents: [{ id: parent, policy: 'cancel' }] });
    const expectTaken = async (when: string): Promise<void> => {
      assert.deepEqual(await stage.offer(stage.task({ unique: key })), [{ status: 'taken', holder: id }], when);
    };
    await expectTaken('blocked');
    await stage.apply({ id, guard: { edge: parent }, set: {} });
    await expectTaken('waiting');
    const [task] = await stage.claim(session);
    await expectTaken('running');
    await stage.apply({ id, guard: { lease: task?.lease ?? 0 }, set: { state: 'waiting', runAt: stage.now + HOUR } });
    await expectTaken('in retry');
  }),

  uniqueCase('every end of its task frees the key', async (stage) => {
    for (const state of ['completed', 'failed', 'cancelled', 'expired'] satisfies StoredState[]) {
      const id = await stage.insertOne({ unique: key });
      await stage.apply({ id, guard: { states: ['waiting'] }, set: { state, finishedAt: stage.now } });
    }
    await stage.insertOne({ unique: key });
  }),

  uniqueCase('keys differ by every byte and are bound to no queue', async (stage) => {
    await stage.insert(
      { unique: { key: 'a', until: null } },
      { unique: { key: 'A', until: null } },
      { unique: { key: 'a ', until: null } },
    );
    const [outcome] = await stage.offer(stage.task({ queue: 'other', unique: { key: 'a', until: null } }));
    assert.equal(outcome?.status, 'taken');
  }),

  uniqueCase('a task sent back takes its key again', async (stage) => {
    const session = await stage.session();
    const task = await stage.running(session, { unique: key });
    await stage.finish(task, 'failed');
    assert.equal((await stage.redrive(task.id)).status, 'applied');
    assert.deepEqual(await stage.offer(stage.task({ unique: key })), [{ status: 'taken', holder: task.id }]);
  }),

  uniqueCase('a task whose key is held by another is not sent back and told the holder', async (stage) => {
    const session = await stage.session();
    const task = await stage.running(session, { unique: key });
    await stage.finish(task, 'failed');
    const before = await stage.row(task.id);
    const holder = await stage.insertOne({ unique: key, queue: 'other' });
    assert.deepEqual(await stage.redrive(task.id), { status: 'taken', holder });
    assert.deepEqual(await stage.row(task.id), before);
    assert.deepEqual(await stage.claimIds(session), []);
    await stage.apply({ id: holder, guard: { states: ['waiting'] }, set: { state: 'cancelled' } });
    assert.equal((await stage.redrive(task.id)).status, 'applied');
  }),

  uniqueCase('two ended tasks of one key: one of them is sent back', async (stage) => {
    const session = await stage.session();
    const ids: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      const task = await stage.running(session, { unique: key });
      await stage.finish(task, 'failed');
      ids.push(task.id);
    }
    const states = ['failed'] as const;
    const outcomes = await stage.tasks.update(
      ids.map((id) => ({ id, guard: { states }, set: { state: 'waiting', runAt: stage.now } })),
      stage.now,
    );
    assert.deepEqual(
      outcomes.map(({ status, holder }) => ({ status, holder })),
      [
        { status: 'applied', holder: undefined },
        { status: 'taken', holder: ids[0] },
      ],
    );
  }),

  uniqueCase('a change from one terminal state to another takes no key', async (stage) => {
    const task = await stage.running(await stage.session(), { unique: key });
    await stage.finish(task, 'failed');
    await stage.apply({ id: task.id, guard: { states: ['failed'] }, set: { state: 'cancelled' } });
    await stage.insertOne({ unique: key });
  }),

  uniqueCase('a key held until a time is held through the end of its task, and not longer', async (stage) => {
    const session = await stage.session();
    const unique = { key: 'hourly', until: stage.now + HOUR };
    const task = await stage.running(session, { unique });
    await stage.finish(task);
    stage.now += HOUR - MINUTE;
    assert.deepEqual(await stage.offer(stage.task({ unique })), [{ status: 'taken', holder: task.id }]);
    stage.now += MINUTE;
    const later = await stage.insertOne({ unique: { key: 'hourly', until: stage.now + HOUR } });
    assert.deepEqual(await stage.offer(stage.task({ unique: { key: 'hourly', until: stage.now + HOUR } })), [
      { status: 'taken', holder: later },
    ]);
  }),

  uniqueCase('a task sent back while it still holds its key until a time is not refused by itself', async (stage) => {
    const task = await stage.running(await stage.session(), { unique: { key: 'hourly', until: stage.now + HOUR } });
    await stage.finish(task, 'failed');
    assert.equal((await stage.redrive(task.id)).status, 'applied');
    const [outcome] = await stage.offer(stage.task({ unique: { key: 'hourly', until: stage.now + HOUR } }));
    assert.deepEqual(outcome, { status: 'taken', holder: task.id });
  }),

  uniqueCase('a key held until a time is free after it even while its task still lives', async (stage) => {
    const id = await stage.insertOne({ unique: { key: 'hourly', until: stage.now + HOUR } });
    stage.now += HOUR;
    const later = await stage.insertOne({ unique: { key: 'hourly', until: stage.now + HOUR } });
    await stage.apply({ id, guard: { states: ['waiting'] }, set: { state: 'cancelled' } });
    assert.deepEqual(await stage.offer(stage.task({ unique: { key: 'hourly', until: null } })), [
      { status: 'taken', holder: later },
    ]);
  }),

  uniqueCase('a key held until a time outlives the removal of its task', async (stage) => {
    const unique = { key: 'daily', until: stage.now + 20 * HOUR };
    const task = await stage.running(await stage.session(), { unique });
    await stage.finish(task);
    assert.equal(await stage.tasks.remove([task.id], stage.now + HOUR), 1);
    stage.now += 2 * HOUR;
    assert.deepEqual(await stage.offer(stage.task({ unique })), [{ status: 'taken', holder: task.id }]);
  }),

  uniqueCase('a row is refused while another holds its key, though its own time is over', async (stage) => {
    const holder = await stage.insertOne({ unique: key });
    const over = { key: key.key, until: stage.now - MINUTE };
    assert.deepEqual(await stage.offer(stage.task({ unique: over })), [{ status: 'taken', holder }]);
    await stage.apply({ id: holder, guard: { states: ['waiting'] }, set: { state: 'cancelled' } });
    const free = await stage.insertOne({ unique: over });
    const next = await stage.insertOne({ unique: key });
    assert.deepEqual(await stage.listIds({ states: ['waiting'] }), [free, next], 'and it holds the key for nobody');
  }),

  uniqueCase('a key held until a time refuses the id that held it, forgotten and come back', async (stage) => {
    const unique = { key: 'daily', until: stage.now + 20 * HOUR };
    const { id, lease } = await stage.running(await stage.session(), { unique });
    await stage.finish({ id, lease });
    assert.equal(await stage.tasks.remove([id], stage.now + HOUR), 1);
    stage.now += 2 * HOUR;
    for (const again of [unique, { key: 'daily', until: null }])
      assert.deepEqual(await stage.offer(stage.task({ id, unique: again })), [{ status: 'taken', holder: id }]);
    stage.now += 19 * HOUR;
    await stage.insertOne({ id, unique: { key: 'daily', until: null } });
  }),

  uniqueCase(
    'a parent that does not exist fails the whole call, though the key of its child is taken',
    async (stage) => {
      await stage.insertOne({ id: 'holder', unique: key });
      const child = stage.task({ unique: key, parents: [{ id: 'nobody', policy: 'run' }] });
      await rejectsWith('PARENT_UNKNOWN', () => stage.offer(stage.task(), child));
      const twins = [
        stage.task({ unique: { key: 'b', until: null } }),
        { ...child, unique: { key: 'b', until: null } },
      ];
      await rejectsWith('PARENT_UNKNOWN', () => stage.offer(...twins));
      assert.deepEqual(await stage.listIds({}), ['holder']);
    },
  ),

  uniqueCase('an insert that fails as a whole holds no key', async (stage) => {
    const rows = [stage.task({ unique: key }), stage.task({ parents: [{ id: 'nobody', policy: 'run' }] })];
    await assert.rejects(async () => stage.offer(...rows));
    await stage.insertOne({ unique: key });
  }),
];
