import assert from 'node:assert/strict';
import type { Change, ClaimedTask, TaskStore } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { newSession } from './rows.ts';
import type { Stage } from './stage.ts';
import { abilityCase, taskCase } from './task-case.ts';

const EIGHT = 8;

export const raceCases: readonly ConformanceCase[] = [
  taskCase('races', 'eight claimers drain five hundred tasks: every one once, none twice, none lost', async (stage) => {
    const ids = await stage.insert(...Array.from({ length: 500 }, (_, n) => ({ priority: n % 3 })));
    const claimed = (await Promise.all((await rivalsOf(stage)).map((rival) => drain(stage, rival)))).flat();
    assert.deepEqual(claimed.map(({ id }) => id).sort(), [...ids].sort());
    assert.equal((await stage.listIds({ states: ['running'] })).length, 500);
  }),

  taskCase('races', 'inserting, claiming, retrying and settling at once loses nothing', async (stage) => {
    const rivals = await rivalsOf(stage);
    const ids: string[] = [];
    const done: string[] = [];
    await Promise.all(
      rivals.map(async ({ store, session }, n) => {
        for (let round = 0; round < 12; round += 1) {
          const rows = Array.from({ length: 5 }, () => stage.task());
          ids.push(...rows.map(({ id }) => id));
          const [claimed] = await Promise.all([
            store.claim(stage.request(session, { limit: 7 })),
            store.insert(rows, stage.now),
          ]);
          done.push(...(await settle(stage, store, claimed, (round + n) % 3 === 0)));
        }
      }),
    );
    for (const rival of rivals) done.push(...(await settle(stage, rival.store, await drain(stage, rival), false)));
    assert.deepEqual(done.sort(), ids.sort());
    assert.deepEqual(await stage.listIds({ states: ['waiting', 'running'] }), []);
  }),

  taskCase('races', 'the same claim request made eight times at once leases once', async (stage) => {
    const session = await stage.session();
    await stage.insert(...Array.from({ length: 40 }, () => ({})));
    const request = stage.request(session, { limit: 5 });
    const answers = await Promise.all((await stage.rivals(EIGHT)).map((store) => store.claim(request)));
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal((await stage.listIds({ states: ['running'] })).length, 5);
  }),

  taskCase('races', 'a cancel against a claim: never cancelled and leased', async (stage) => {
    const [mine, theirs] = (await rivalsOf(stage)) as [Rival, Rival];
    for (let round = 0; round < 40; round += 1) {
      const id = await stage.insertOne();
      const cancel: Change = { id, guard: { states: ['waiting'] }, set: { state: 'cancelled' } };
      const claim = () => mine.store.claim(stage.request(mine.session));
      const early = round % 2 === 0 ? claim() : undefined;
      const update = theirs.store.update([cancel], stage.now);
      const claimed = await (early ?? claim());
      const isCancelled = (await update)[0]?.status === 'applied';
      assert.equal(claimed.length, isCancelled ? 0 : 1);
      assert.equal((await stage.row(id)).state, isCancelled ? 'cancelled' : 'running');
    }
  }),

  taskCase('races', 'eight settle one run: one is applied', async (stage) => {
    const { id, lease } = await stage.running(await stage.session());
    const outcomes = await Promise.all(
      (await stage.rivals(EIGHT)).map((store, n) =>
        store.update(
          [{ id, guard: { lease }, set: { state: 'completed', reason: `r${n}` }, record: new Uint8Array([n]) }],
          stage.now,
        ),
      ),
    );
    const applied = outcomes.flatMap(([outcome], n) => (outcome?.status === 'applied' ? [n] : []));
    assert.equal(applied.length, 1);
    assert.equal((await stage.row(id)).reason, `r${applied[0]}`);
    assert.equal((await stage.tasks.history(id)).length, 1);
  }),

  taskCase('races', 'eight end one session: one gets true', async (stage) => {
    const session = await stage.session();
    await stage.running(session);
    const answers = await Promise.all((await stage.rivals(EIGHT)).map((store) => store.end(session)));
    assert.equal(answers.filter(Boolean).length, 1);
  }),

  taskCase('races', 'a beat against an end on old beats: ended or alive, never both', async (stage) => {
    const [mine, theirs] = (await stage.rivals(2)) as [TaskStore, TaskStore];
    for (let round = 0; round < 20; round += 1) {
      const session = await stage.session(`s${round}`);
      const beats = (await stage.tasks.sessions()).find(({ id }) => id === session)?.beats ?? 0;
      const [lived, ended] = await Promise.all([
        mine.beat(session, stage.now).then(
          ({ live }) => live,
          () => false,
        ),
        theirs.end(session, beats),
      ]);
      assert.notEqual(lived, ended);
    }
  }),

  taskCase('races', 'an end against claims: no lease after the end', async (stage) => {
    const rivals = await rivalsOf(stage);
    await stage.insert(...Array.from({ length: 100 }, () => ({})));
    const work = rivals.map(async ({ store, session }, n) => {
      const claims = stage.request(session, { limit: 5 });
      const ending = n % 2 === 0 ? stage.tasks.end(session) : Promise.resolve(false);
      const claimed = await store.claim(claims).catch(() => []);
      await ending;
      return claimed.map(({ id }) => id);
    });
    const claimed = (await Promise.all(work)).flat();
    assert.deepEqual((await stage.listIds({ states: ['running'] })).sort(), claimed.sort());
  }),

  taskCase('races', 'one id inserted eight times at once: one is inserted', async (stage) => {
    const row = stage.task();
    const outcomes = await Promise.all((await stage.rivals(EIGHT)).map((store) => store.insert([row], stage.now)));
    const statuses = outcomes.map(([outcome]) => outcome?.status);
    assert.equal(statuses.filter((status) => status === 'inserted').length, 1);
    assert.equal(statuses.filter((status) => status === 'exists').length, EIGHT - 1);
    assert.deepEqual(await stage.listIds({}), [row.id]);
  }),

  abilityCase(
    'uniqueKeys',
    'races',
    'one key from eight inserters: one holds it, the others are told who',
    async (stage) => {
      const rivals = await stage.rivals(EIGHT);
      for (let round = 0; round < 5; round += 1) {
        const unique = { key: `k${round}`, until: null };
        const rows = rivals.map(() => stage.task({ unique }));
        const outcomes = (
          await Promise.all(rivals.map((store, n) => store.insert([rows[n] as never], stage.now)))
        ).flat();
        const winner = rows.filter((_, n) => outcomes[n]?.status === 'inserted').map(({ id }) => id);
        assert.equal(winner.length, 1);
        const holders = outcomes.flatMap((outcome) => (outcome.status === 'taken' ? [outcome.holder] : []));
        assert.deepEqual(holders, Array(7).fill(winner[0]));
      }
    },
  ),

  abilityCase(
    'uniqueKeys',
    'races',
    'eight inserters of the same keys in any order all get their answer',
    async (stage) => {
      const rivals = await stage.rivals(EIGHT);
      const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
      const outcomes = await Promise.all(
        rivals.map((store, n) => {
          const mine = n % 2 === 0 ? keys : [...keys].reverse();
          return store.insert(
            mine.map((key) => stage.task({ unique: { key, until: null } })),
            stage.now,
          );
        }),
      );
      const statuses = outcomes.flat().map(({ status }) => status);
      assert.equal(statuses.filter((status) => status === 'inserted').length, keys.length);
      assert.equal(statuses.filter((status) => status === 'taken').length, keys.length * (EIGHT - 1));
    },
  ),

  taskCase('races', 'once a pause has returned, no claim that starts later takes anything', async (stage) => {
    const rivals = await rivalsOf(stage);
    await stage.insert(...Array.from({ length: 300 }, () => ({})));
    const before = rivals.map(({ store, session }) => store.claim(stage.request(session, { limit: 5 })));
    await stage.tasks.configure('default', { paused: true });
    const after = rivals.map(({ store, session }) => store.claim(stage.request(session, { limit: 5, lane: 1 })));
    const [early, late] = await Promise.all([Promise.all(before), Promise.all(after)]);
    assert.deepEqual(late.flat(), []);
    assert.equal((await stage.listIds({ states: ['running'] })).length, early.flat().length);
  }),
];

interface Rival {
  readonly store: TaskStore;
  readonly session: string;
}

async function rivalsOf(stage: Stage): Promise<Rival[]> {
  const stores = await stage.rivals(EIGHT);
  return Promise.all(
    stores.map(async (store, n) => {
      const session = `rival-${n}`;
      await store.open(newSession(session), stage.now);
      return { store, session };
    }),
  );
}

/** Claims a few at a time until a claim finds nothing. */
async function drain(stage: Stage, { store, session }: Rival): Promise<ClaimedTask[]> {
  const claimed: ClaimedTask[] = [];
  for (let round = 0; round < 1_000; round += 1) {
    const batch = await store.claim(stage.request(session, { limit: 7 }));
    if (batch.length === 0) return claimed;
    claimed.push(...batch);
  }
  assert.fail('draining does not end');
}

/** Ends what was claimed, or sends every other task back; returns the ids that ended. */
async function settle(
  stage: Stage,
  store: TaskStore,
  claimed: readonly ClaimedTask[],
  half: boolean,
): Promise<string[]> {
  const ends = (n: number): boolean => !half || n % 2 === 0;
  const outcomes = await store.update(
    claimed.map(({ id, lease }, n) => ({
      id,
      guard: { lease },
      set: ends(n) ? { state: 'completed' } : { state: 'waiting', runAt: stage.now },
    })),
    stage.now,
  );
  assert.ok(outcomes.every(({ status }) => status === 'applied'));
  return claimed.filter((_, n) => ends(n)).map(({ id }) => id);
}
