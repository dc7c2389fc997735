import assert from 'node:assert/strict';
import { isOmniQError, type SessionRow } from '@omniq/core/storage';
import { rejectsWith } from './abilities.ts';
import type { ConformanceCase } from './case.ts';
import { newSession } from './rows.ts';
import { MINUTE, type Stage } from './stage.ts';
import { taskCase } from './task-case.ts';

export const sessionCases: readonly ConformanceCase[] = [
  taskCase('sessions', 'an opened session is listed as it was given', async (stage) => {
    const session = { id: 'w1', host: 'host/boot:1', pid: 99, processStart: '123456789012345678' };
    await stage.tasks.open(session, stage.now);
    const [row, ...rest] = await stage.tasks.sessions();
    assert.deepEqual(rest, []);
    assert.deepEqual(
      { ...row, beats: undefined },
      { ...session, openedAt: stage.now, beatAt: stage.now, ended: false, leases: 0, beats: undefined },
    );
    assert.equal(typeof row?.beats, 'number');
  }),

  taskCase(
    'sessions',
    'opening an open session again, after a lost reply, changes nothing that counts',
    async (stage) => {
      const session = await stage.session();
      const task = await stage.running(session);
      await stage.tasks.beat(session, stage.now);
      const { beats } = await sessionRow(stage, session);
      await stage.session();
      const after = await sessionRow(stage, session);
      assert.equal(after.leases, 1);
      assert.ok(after.beats >= beats, 'beats never go back');
      await stage.finish(task);
    },
  ),

  taskCase('sessions', 'every beat grows the count, moves the time and says that the session lives', async (stage) => {
    const session = await stage.session();
    let { beats } = await sessionRow(stage, session);
    for (let n = 0; n < 3; n += 1) {
      stage.now += 1_000;
      assert.deepEqual(await stage.tasks.beat(session, stage.now), { live: true, leases: 0, cancelled: [] });
      const row = await sessionRow(stage, session);
      assert.ok(row.beats > beats);
      assert.equal(row.beatAt, stage.now);
      beats = row.beats;
    }
  }),

  taskCase('sessions', 'leases count what runs under a session, through every way out', async (stage) => {
    const [one, two] = [await stage.session('one'), await stage.session('two')];
    await stage.insert({}, {}, {}, {});
    const mine = await stage.claim(one, { limit: 3 });
    await stage.claim(two, { limit: 1 });
    const leases = async (): Promise<number[]> => [
      (await sessionRow(stage, one)).leases,
      (await sessionRow(stage, two)).leases,
      (await stage.tasks.beat(one, stage.now)).leases,
    ];
    assert.deepEqual(await leases(), [3, 1, 3]);
    const [a, b, c] = mine as [(typeof mine)[0], (typeof mine)[0], (typeof mine)[0]];
    await stage.finish(a as never);
    assert.deepEqual(await leases(), [2, 1, 2]);
    await stage.apply({
      id: b?.id ?? '',
      guard: { lease: b?.lease ?? 0 },
      set: { state: 'waiting', runAt: stage.now },
    });
    assert.deepEqual(await leases(), [1, 1, 1]);
    await stage.claim(two);
    assert.deepEqual(await leases(), [1, 2, 1]);
    await stage.apply({ id: c?.id ?? '', guard: { states: ['running'] }, set: { state: 'cancelled' } });
    assert.deepEqual(await leases(), [0, 2, 0]);
  }),

  taskCase(
    'sessions',
    'a beat lists the running tasks that were asked to cancel, of this session only',
    async (stage) => {
      const [one, two] = [await stage.session('one'), await stage.session('two')];
      const [a, b] = [await stage.running(one), await stage.running(one)];
      const c = await stage.running(two);
      for (const { id } of [a, c])
        await stage.apply({ id, guard: { states: ['running'] }, set: { cancelRequested: true } });
      assert.deepEqual((await stage.tasks.beat(one, stage.now)).cancelled, [a.id]);
      assert.deepEqual((await stage.tasks.beat(two, stage.now)).cancelled, [c.id]);
      await stage.apply({ id: a.id, guard: { lease: a.lease }, set: { state: 'cancelled' } });
      assert.deepEqual((await stage.tasks.beat(one, stage.now)).cancelled, []);
      await stage.finish(b);
    },
  ),

  taskCase('sessions', 'a session ends once', async (stage) => {
    const [idle, busy] = [await stage.session('idle'), await stage.session('busy')];
    await stage.running(busy);
    for (const session of [idle, busy]) {
      assert.equal(await stage.tasks.end(session), true);
      assert.equal(await stage.tasks.end(session), false);
      assert.equal(await stage.tasks.end(session, 0), false);
    }
    assert.equal(await stage.tasks.end('nobody'), false);
  }),

  taskCase('sessions', 'an ended session can neither claim nor beat', async (stage) => {
    const session = await stage.session();
    await stage.insert({});
    await stage.tasks.end(session);
    await rejectsWith('SESSION_ENDED', () => stage.claim(session));
    assert.equal(await livesOn(stage, session), false);
    assert.equal(await livesOn(stage, 'nobody'), false);
  }),

  taskCase(
    'sessions',
    'the beat of an ended session still tells what it holds and which of it to cancel',
    async (stage) => {
      const session = await stage.session();
      const [one, two] = [await stage.running(session), await stage.running(session)];
      const guard = { states: ['running'] as const };
      await stage.apply({ id: two.id, guard, set: { cancelRequested: true } });
      await stage.tasks.end(session);
      const cancelled = [two.id];
      assert.deepEqual(await stage.tasks.beat(session, stage.now), { live: false, leases: 2, cancelled });
      await stage.finish(one);
      assert.deepEqual(await stage.tasks.beat(session, stage.now), { live: false, leases: 1, cancelled });
      const [row] = await stage.tasks.sessions();
      assert.deepEqual({ id: row?.id, beats: row?.beats }, { id: session, beats: 0 }, 'it beats no more');
      await stage.finish(two);
      assert.deepEqual(await stage.tasks.beat(session, stage.now), { live: false, leases: 0, cancelled: [] });
    },
  ),

  taskCase('sessions', 'an ended session cannot be opened again', async (stage) => {
    for (const held of [false, true]) {
      const session = await stage.session(`held ${held}`);
      if (held) await stage.running(session);
      await stage.tasks.end(session);
      await stage.tasks
        .open(newSession(session), stage.now)
        .catch((error: unknown) => assert.ok(isOmniQError(error, 'SESSION_ENDED')));
      await rejectsWith('SESSION_ENDED', () => stage.claim(session));
      assert.equal(await livesOn(stage, session), false);
    }
  }),

  taskCase(
    'sessions',
    'tasks of an ended session stay leased until each is changed, and the session is listed so long',
    async (stage) => {
      const session = await stage.session();
      const [a, b] = [await stage.running(session), await stage.running(session)];
      await stage.tasks.end(session);
      assert.deepEqual(await stage.claimIds(await stage.session('other')), []);
      const { ended, leases } = await sessionRow(stage, session);
      assert.deepEqual({ ended, leases }, { ended: true, leases: 2 });
      assert.deepEqual(await stage.listIds({ session, states: ['running'] }), [a.id, b.id]);
      await stage.finish(a);
      await stage.apply({ id: b.id, guard: { lease: b.lease }, set: { state: 'waiting', runAt: stage.now } });
      assert.deepEqual(
        (await stage.tasks.sessions()).map(({ id }) => id),
        ['other'],
      );
      assert.equal(await stage.tasks.end(session), false, 'nor does it end again once forgotten');
    },
  ),

  taskCase('sessions', 'an ended session that holds nothing is listed no more', async (stage) => {
    await stage.session('idle');
    await stage.session('kept');
    await stage.tasks.end('idle');
    assert.deepEqual(
      (await stage.tasks.sessions()).map(({ id }) => id),
      ['kept'],
    );
  }),

  taskCase('sessions', 'an end that was decided on old beats is refused', async (stage) => {
    const session = await stage.session();
    const { beats } = await sessionRow(stage, session);
    stage.now += MINUTE;
    await stage.tasks.beat(session, stage.now);
    assert.equal(await stage.tasks.end(session, beats), false);
    assert.equal(await livesOn(stage, session), true);
    const { beats: now } = await sessionRow(stage, session);
    assert.equal(await stage.tasks.end(session, now), true);
    assert.equal(await livesOn(stage, session), false);
  }),

  taskCase('sessions', 'time alone ends no session', async (stage) => {
    const session = await stage.session();
    stage.now += 600 * MINUTE;
    await stage.session('other');
    assert.equal((await sessionRow(stage, session)).ended, false);
    assert.equal(await livesOn(stage, session), true);
  }),
];

async function sessionRow(stage: Stage, id: string): Promise<SessionRow> {
  const row = (await stage.tasks.sessions()).find((each) => each.id === id);
  assert.ok(row !== undefined, `the session ${id} is listed`);
  return row;
}

/** A refused beat says so in its reply or by its error. */
async function livesOn(stage: Stage, session: string): Promise<boolean> {
  try {
    return (await stage.tasks.beat(session, stage.now)).live;
  } catch (error) {
    assert.ok(isOmniQError(error, 'SESSION_ENDED'));
    return false;
  }
}
