import pg from 'pg';
import { expect, test } from 'vitest';
import { isOmniQError, type NewTask } from '@omniq/core/storage';
import plugin, { postgres } from '@omniq/storage-postgres';
import { startPgBouncer } from '@omniq/testkit/servers';
import { newTask } from '@omniq/testkit/storage';
import { claimRequest, openSession, serverForTests, tasksOf } from './server.ts';

const { server, admin, open } = await serverForTests();

/** Ends every connection but the one that asks. */
async function terminateAll(): Promise<void> {
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'omniq'`);
}

test('a terminated connection is an error with a code, never the end of the process, and the next use works', async () => {
  const { tasks, now } = await open();
  const slow = tasks.insert(tasksOf(5_000, now), now).catch((error: unknown) => error);
  await terminateAll();
  const outcome = await slow;
  expect(Array.isArray(outcome) || isOmniQError(outcome, 'STORE_UNREACHABLE')).toBe(true);
  const again = await tasks.insert(tasksOf(5_000, now), now).catch(() => tasks.insert(tasksOf(5_000, now), now));
  expect(again).toHaveLength(5_000);
  expect(await tasks.count(now)).toEqual([{ queue: 'default', state: 'pending', count: 5_000 }]);
});

test('a listener whose connection was ended hears again', async () => {
  const { tasks, now, schema } = await open();
  let woken = 0;
  const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const listens = `select pid from pg_stat_activity where query = 'listen "omniq_${schema}"'`;
  tasks.watch?.(() => (woken += 1));
  await until(async () => (await admin.query(listens)).rows.length === 1);
  const { rows } = await admin.query(listens);
  await admin.query('select pg_terminate_backend($1)', [rows[0].pid]);
  await until(async () => (await admin.query(listens)).rows.some(({ pid }) => pid !== rows[0].pid));
  await until(async () => (await admin.query(`select from ${schema}.idle where not ends`)).rows.length > 0);
  const before = woken;
  await admin.query(`select ${schema}.enqueue('t')`);
  await until(() => woken > before);
  expect((await tasks.count(now + 1_000))[0]?.count).toBe(1);
});

test('a server that is not there says so at the first use, not before', async () => {
  const backend = postgres({ url: 'postgres://nobody@127.0.0.1:1/none', notify: false });
  const error = await backend.tasks?.count(0).catch((thrown: unknown) => thrown);
  expect(isOmniQError(error, 'STORE_UNREACHABLE')).toBe(true);
  expect(String((error as Error).message)).toContain('127.0.0.1:1/none');
  await backend.close();
});

test('a standby, or a primary until a moment ago, is unreachable; a lock that is held too long is busy', async () => {
  const { tasks, schema, now } = await open({ lockTimeout: 100, statementTimeout: '5s' });
  await tasks.insert([newTask({ id: 'a', runAt: now })], now);
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`begin; select from ${schema}.live for update`);
  const cancel = { id: 'a', guard: { states: ['waiting'] }, set: { state: 'cancelled' } } as const;
  const error = await tasks.update([cancel], now).catch((thrown: unknown) => thrown);
  expect(isOmniQError(error, 'STORE_BUSY')).toBe(true);
  await client.query('rollback');
  await client.end();
  await admin.query(`alter role omniq set default_transaction_read_only = on`);
  await terminateAll();
  const refused = postgres({ url: server.url, schema, notify: false });
  const readOnly = await refused.tasks
    ?.insert([newTask({ id: 'b', runAt: now })], now)
    .catch((thrown: unknown) => thrown);
  await admin.query(`set default_transaction_read_only = off; alter role omniq reset default_transaction_read_only`);
  expect(isOmniQError(readOnly, 'STORE_UNREACHABLE')).toBe(true);
  // The refused connection is gone; a new one is let in.
  expect(await refused.tasks?.insert([newTask({ id: 'b', runAt: now })], now)).toHaveLength(1);
  await refused.close();
});

test("a pool of the user's own is used and left open", async () => {
  const { schema } = await open({ notify: false });
  const pool = new pg.Pool({ connectionString: server.url });
  const backend = postgres({ pool, schema });
  expect(await backend.tasks?.count(0)).toEqual([]);
  await backend.close();
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
});

test.each([true, false])('behind PgBouncer in transaction mode all works, prepare: %s', async (prepare) => {
  const bouncer = await startPgBouncer({ url: server.url });
  try {
    const { schema } = await open({ notify: false });
    const backend = postgres({ url: bouncer.url, listenUrl: server.url, schema, prepare, poolSize: 3 });
    const tasks = backend.tasks;
    if (tasks === undefined) throw new Error('no tasks');
    const now = (await tasks.time?.()) as number;
    const session = await openSession(tasks, 'w', now);
    for (let round = 1; round <= 8; round += 1) {
      const rows: NewTask[] = tasksOf(20, now, {}, `r${round}`);
      await Promise.all([tasks.insert(rows.slice(0, 10), now), tasks.insert(rows.slice(10), now)]);
      const claimed = await tasks.claim(claimRequest(session, round, now));
      expect(claimed).toHaveLength(20);
      const outcomes = await tasks.update(
        claimed.map(({ id, lease }) => ({ id, guard: { lease }, set: { state: 'completed', finishedAt: now } })),
        now,
      );
      expect(outcomes.every(({ status }) => status === 'applied')).toBe(true);
    }
    await backend.close();
    const findings = (await plugin.inspect?.(bouncer.url, { schema, prepare })) ?? [];
    expect(findings.find(({ about }) => about === 'persistence')?.status).toBe('failed'); // The tests run without fsync.
  } finally {
    await bouncer.stop();
  }
});

test('the check tells what about the server endangers tasks', async () => {
  await admin.query('alter system set autovacuum = off');
  await admin.query(`alter system set synchronous_commit = off`);
  await admin.query('select pg_reload_conf()');
  const findings = (await plugin.inspect?.(server.url, {})) ?? [];
  await admin.query('alter system reset all');
  await admin.query('select pg_reload_conf()');
  const status = Object.fromEntries(findings.map(({ about, status: is }) => [about, is]));
  expect(status).toMatchObject({ autovacuum: 'failed', persistence: 'failed', clock: 'ok', pooling: 'ok', role: 'ok' });
});
