import { expect, test } from 'vitest';
import { createOmniQ, defineTask } from '@omniq/omniq';
import plugin from '@omniq/storage-postgres';
import { serverForTests } from './server.ts';

const { server, admin, open } = await serverForTests();

test('what SQL enqueues is run by a worker, with its payload', async () => {
  const { schema } = await open();
  const greet = defineTask({ name: 'greet', run: ({ who, n }: { who: string; n: number }) => `${who} ${n + 1}` });
  const omniq = await createOmniQ({ tasks: `${server.url}?schema=${schema}`, plugins: [plugin] });
  const worker = await omniq.work({ tasks: [greet] });
  const { rows } = await admin.query(`select ${schema}.enqueue('greet', '{"who": "wörld", "n": 41}') as id`);
  const handle = omniq.handle(rows[0].id);
  expect(await handle.result({ timeout: '10s' })).toBe('wörld 42');
  await worker.stop();
  await omniq.close();
});

test('a unique key names its holder, an id is a no-op, a rollback leaves nothing', async () => {
  const { tasks, schema } = await open();
  const ask = async (text: string): Promise<string> =>
    (await admin.query(`select ${schema}.enqueue(${text}) as id`)).rows[0].id;
  const first = await ask(`'t', unique_key => 'once'`);
  expect(await ask(`'t', unique_key => 'once'`)).toBe(first);
  expect(await ask(`'t', id => 'mine'`)).toBe('mine');
  expect(await ask(`'t', id => 'mine', queue => 'other'`)).toBe('mine');
  const later = await ask(`'t', queue => 'mail', priority => 7, run_at => '2100-01-01T00:00:00Z'`);
  await admin.query(`begin; select ${schema}.enqueue('t', id => 'gone'); rollback`);
  const rows = await tasks.get([first, 'mine', later, 'gone']);
  expect(rows.map((row) => row && [row.queue, row.priority, row.runAt === 4_102_444_800_000, row.uniqueKey])).toEqual([
    ['default', 0, false, 'once'],
    ['default', 0, false, null],
    ['mail', 7, true, null],
    undefined,
  ]);
});

test.each([`''`, `null`, `repeat('x', 129)`, `'t', queue => E'a\\nb'`, `'t', priority => 1001`])(
  'enqueue(%s) is refused',
  async (args) => {
    const { schema } = await open({ notify: false });
    await expect(admin.query(`select ${schema}.enqueue(${args})`)).rejects.toMatchObject({ code: '22023' });
  },
);
