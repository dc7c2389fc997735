import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { expect, test } from 'vitest';
import { isOmniQError } from '@omniq/core/storage';
import { newTask } from '@omniq/testkit/storage';
import type { PostgresTransaction } from '@omniq/storage-postgres';
import { claimRequest, openSession, serverForTests } from './server.ts';

const { server, admin, open } = await serverForTests();

interface Executor {
  execute(query: ReturnType<typeof sql>): Promise<{ rows: unknown[] }>;
}

/** As the README gives it. */
const ofDrizzle = (tx: Executor): PostgresTransaction => ({
  query: (text, values) =>
    tx.execute(
      sql.join(text.split(/\$(\d+)/).map((part, n) => (n % 2 ? sql`${sql.param(values[+part - 1])}` : sql.raw(part)))),
    ),
});

/** As the README gives it. */
const ofKysely = (tx: Kysely<unknown>): PostgresTransaction => ({
  query: async (text, values) => tx.executeQuery(CompiledQuery.raw(text, values)),
});

type Ways = Record<string, (work: (tx: PostgresTransaction) => Promise<void>) => Promise<void>>;

const ways: Ways = {
  async pg(work) {
    const client = await admin.connect();
    try {
      await client.query('begin');
      await work(client);
      const { command } = await client.query('commit');
      if (command !== 'COMMIT') throw new Error('rolled back');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  },
  drizzle: (work) => drizzle(admin).transaction((tx) => work(ofDrizzle(tx as unknown as Executor))),
  kysely(work) {
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: admin }) });
    return db.transaction().execute((tx) => work(ofKysely(tx)));
  },
};

test.each(Object.keys(ways))(
  'inserts and completes in a transaction of %s, and nothing is left by a rollback',
  async (way) => {
    const { tasks, now } = await open();
    const run = ways[way] as Ways[string];
    const session = await openSession(tasks, 'worker', now);
    await tasks.insert([newTask({ id: 'parent', runAt: now, body: new Uint8Array([1, 255, 0]) })], now);
    const [task] = await tasks.claim(claimRequest(session, 1, now));
    if (task === undefined) throw new Error('no task');
    const write = async (tx: PostgresTransaction): Promise<void> => {
      const store = tasks.within?.(tx);
      const rows = [
        newTask({ id: 'plain', runAt: now, body: new Uint8Array([7]) }),
        newTask({
          id: 'bound',
          runAt: now,
          unique: { key: 'k', until: null },
          parents: [{ id: 'parent', policy: 'run' }],
        }),
      ];
      const outcomes = (await store?.insert(rows, now)) ?? [];
      expect(outcomes.map(({ status }) => status)).toEqual(['inserted', 'inserted']);
      await store?.complete(
        {
          id: task.id,
          guard: { lease: task.lease },
          set: { state: 'completed', finishedAt: now },
          result: new Uint8Array([9]),
        },
        now,
      );
    };
    await expect(
      run(async (tx) => {
        await write(tx);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect((await tasks.get(['plain', 'bound', 'parent'])).map((row) => row?.state)).toEqual([
      undefined,
      undefined,
      'running',
    ]);
    await run(write);
    const rows = await tasks.get(['plain', 'bound', 'parent']);
    expect(rows.map((row) => row?.state)).toEqual(['waiting', 'blocked', 'completed']);
    expect([...(rows[0]?.body ?? [])]).toEqual([7]);
  },
);

test.each(Object.keys(ways))(
  'a refused completion aborts the transaction of %s, whatever is done with the error',
  async (way) => {
    const { tasks, now, schema } = await open();
    await admin.query(`create table ${schema}.own (n int)`);
    let told: unknown;
    await (ways[way] as Ways[string])(async (tx) => {
      await tx.query(`insert into ${schema}.own values (1)`, []);
      const change = { id: 'nobody', guard: { lease: 1 }, set: { state: 'completed' } } as const;
      await tasks
        .within?.(tx)
        .complete(change, now)
        .catch((error: unknown) => (told = error));
    }).catch(() => {});
    expect(isOmniQError(told, 'LEASE_LOST')).toBe(true);
    expect((await admin.query(`select n from ${schema}.own`)).rows).toEqual([]);
  },
);

test('a unique key that another open transaction holds is waited for, for a bounded time', async () => {
  const { tasks, now } = await open({ lockTimeout: 200 });
  const holder = new pg.Client({ connectionString: server.url });
  const waiter = new pg.Client({ connectionString: server.url });
  await Promise.all([holder.connect(), waiter.connect()]);
  await Promise.all([holder.query('begin'), waiter.query('begin')]);
  const row = (id: string) => newTask({ id, runAt: now, unique: { key: 'held', until: null } });
  await tasks.within?.(holder).insert([row('first')], now);
  const error = await tasks
    .within?.(waiter)
    .insert([row('second')], now)
    .catch((thrown: unknown) => thrown);
  expect(isOmniQError(error, 'STORE_BUSY')).toBe(true);
  await Promise.all([holder.query('commit'), waiter.query('rollback')]);
  expect(await tasks.insert([row('third')], now)).toEqual([{ status: 'taken', holder: 'first' }]);
  await Promise.all([holder.end(), waiter.end()]);
});
