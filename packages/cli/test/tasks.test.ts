import { expect, test } from 'vitest';
import { lines, Place } from './omniq-command.ts';

const module = `
export const greet = async ({ who }) => ({ hello: who, big: 12345678901234567890n });
export const fail = async () => { throw new TypeError('no \\u001b[31mred', { cause: new Error('the reason') }); };
`;

test('a task is enqueued, run, listed and shown', async () => {
  const place = await Place.make();
  await place.write('tasks.js', module);
  const enqueued = await place.run(
    'enqueue',
    './tasks.js#greet',
    '{"who":"me"}',
    '--json',
    '--id',
    'one',
    '--priority',
    '-3',
  );
  expect(lines(enqueued.stdout)).toEqual([{ id: 'one', inserted: true }]);
  const piped = place.start(['enqueue', 'tasks.js#greet', '-', '--storage', place.url], {}, '{"who":"you"}');
  expect(await piped.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[\da-f-]{36}\n$/u) as string });
  const again = await place.run('enqueue', 'tasks.js#greet', '--id', 'one');
  expect(again).toMatchObject({ code: 0, stdout: 'one\n', stderr: expect.stringContaining('there already') as string });

  const worked = await place.run('worker', './tasks.js', '--once', '--json');
  expect(worked.code).toBe(0);
  expect(lines(worked.stdout)).toEqual([{ completed: 2, failed: 0, stale: 0, stuck: 0 }]);

  const listed = await place.run('tasks', 'ls', '--json', '--state', 'completed,failed', '--queue', 'default');
  expect(lines(listed.stdout).map(({ id, state, attempt }) => [id === 'one', state, attempt])).toEqual([
    [true, 'completed', 1],
    [false, 'completed', 1],
  ]);
  const shown = await place.run('tasks', 'show', 'one', '--json');
  expect(lines(shown.stdout)).toMatchObject([
    { id: 'one', priority: -3, payload: { who: 'me' }, attempts: [{ attempt: 1, outcome: 'completed', error: null }] },
  ]);
});

test('what failed is shown with its errors, and no escape reaches the terminal', async () => {
  const place = await Place.make();
  const omniq = await place.open();
  const { fail } = (await import(`data:text/javascript,${encodeURIComponent(module)}`)) as {
    fail: () => Promise<never>;
  };
  await omniq.enqueue('fail', { text: '\u009b2J' }, { id: 'bad', retry: { maxAttempts: 1 } });
  await (
    await omniq.work({ tasks: { fail }, untilEmpty: true })
  ).done;
  const [table, text] = await Promise.all([place.run('tasks', 'ls'), place.run('tasks', 'show', 'bad')]);
  expect(table.stdout).toMatch(/^ID +NAME +QUEUE +STATE/u);
  expect(table.stdout).toMatch(/\nbad +fail +default +failed +0 +1\/1/u);
  expect(text.stdout).toContain(String.raw`TypeError: no \u001b[31mred`);
  expect(text.stdout).toContain('caused by Error: the reason');
  expect(text.stdout).toContain(String.raw`"text": "\u009b2J"`);
  expect(text.stdout).toMatch(/# {2}OUTCOME/u);
  expect(table.stdout + text.stdout).not.toMatch(/\p{Cc}(?<!\n)/u);
});

test('a list goes page by page, newest first if wanted, and says when there is more', async () => {
  const place = await Place.make();
  const omniq = await place.open();
  await omniq.enqueueMany(
    Array.from({ length: 7 }, (_, n) => ['n', n, { id: `t${n}`, queue: n % 2 ? 'odd' : 'even' }] as const),
  );
  await omniq.enqueue('n', 7, { id: 'later', delay: '1h' });
  const idsOf = (stdout: string): unknown[] => lines(stdout).map(({ id }) => id);
  const first = await place.run('tasks', 'ls', '--json', '--limit', '3');
  expect(idsOf(first.stdout)).toEqual(['t0', 't1', 't2']);
  const cursor = /--after (\S+)/u.exec(first.stderr)?.[1] ?? '';
  const [second, odd, newest, due, none] = await Promise.all([
    place.run('tasks', 'ls', '--json', '--limit', '2', '--after', cursor),
    place.run('tasks', 'ls', '--json', '--queue', 'odd', '--all'),
    place.run('tasks', 'ls', '--json', '--newest', '--limit', '2'),
    // The store knows both as waiting: only the clock tells them apart.
    place.run('tasks', 'ls', '--json', '--all', '--state', 'pending,running', '--since', '1h'),
    place.run('tasks', 'ls', '--since', '2999-01-01T00:00:00Z'),
  ]);
  expect(idsOf(second.stdout)).toEqual(['t3', 't4']);
  expect(idsOf(odd.stdout)).toEqual(['t1', 't3', 't5']);
  expect(odd.stderr).toBe('');
  expect(idsOf(newest.stdout)).toEqual(['later', 't6']);
  expect(idsOf(due.stdout)).toEqual(['t6', 't5', 't4', 't3', 't2', 't1', 't0']);
  expect(none).toEqual({ code: 0, stdout: '', stderr: 'no tasks\n' });
});

test('--wait prints the result, or fails with 5', async () => {
  const place = await Place.make();
  const omniq = await place.open();
  const { greet, fail } = (await import(`data:text/javascript,${encodeURIComponent(module)}`)) as Record<
    string,
    () => unknown
  >;
  await omniq.work({ tasks: { greet, fail } as never, poll: '50ms' });
  const [good, json, bad] = await Promise.all([
    place.run('enqueue', 'greet', '{"who":"me"}', '--wait', '--timeout', '30s'),
    place.run('enqueue', 'greet', '{"who":"me"}', '--wait', '--json', '--id', 'j'),
    place.run('enqueue', 'fail', '--wait', '--ttl', '1h', '--id', 'f', '--json'),
    (async () => {
      await expect.poll(() => omniq.tasks.get('f'), { timeout: 20_000 }).toMatchObject({ state: 'scheduled' });
      await omniq.tasks.cancel('f');
    })(),
  ]);
  expect(JSON.parse(good.stdout)).toEqual({ hello: 'me', big: '12345678901234567890' });
  expect(good).toMatchObject({ code: 0, stderr: expect.stringMatching(/^[\da-f-]{36}\n$/u) as string });
  expect(lines(json.stdout)).toEqual([
    { id: 'j', inserted: true, state: 'completed', result: { hello: 'me', big: '12345678901234567890' } },
  ]);
  expect(bad).toMatchObject({ code: 5, stdout: '' });
  expect(JSON.parse(bad.stderr)).toMatchObject({
    error: { code: 'TASK_CANCELLED', exitCode: 5, details: { id: 'f' } },
  });
});
