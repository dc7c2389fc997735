import type { OmniQ } from '@omniq/omniq';
import { expect, test } from 'vitest';
import { lines, Place } from './omniq-command.ts';

async function statesOf(omniq: OmniQ): Promise<Record<string, string>> {
  const { items } = await omniq.tasks.list({ limit: 1_000 });
  return Object.fromEntries(items.map(({ id, state }) => [id, state]));
}

const fail = (): never => {
  throw new Error('no');
};

async function withFailed(place: Place): Promise<OmniQ> {
  const omniq = await place.open();
  for (const [id, queue] of [
    ['m1', 'mail'],
    ['m2', 'mail'],
    ['s1', 'sms'],
  ] as const) {
    await omniq.enqueue('fail', null, { id, queue, retry: { maxAttempts: 1 } });
  }
  await (
    await omniq.work({ tasks: { fail }, queues: ['mail', 'sms'], untilEmpty: true })
  ).done;
  await omniq.enqueue('other', null, { id: 'due', queue: 'mail' });
  await omniq.enqueue('other', null, { id: 'later', queue: 'mail', delay: '1h' });
  expect(await statesOf(omniq)).toEqual({
    m1: 'failed',
    m2: 'failed',
    s1: 'failed',
    due: 'pending',
    later: 'scheduled',
  });
  return omniq;
}

test('ids are redriven and cancelled, each with its own answer', async () => {
  const place = await Place.make();
  const omniq = await withFailed(place);
  const redriven = await place.run('tasks', 'redrive', 's1', 'nobody', '--json');
  expect(redriven.code).toBe(3);
  expect(lines(redriven.stdout)).toMatchObject([
    { id: 's1', outcome: 'redriven' },
    { id: 'nobody', outcome: 'failed', error: { code: 'TASK_NOT_FOUND' } },
  ]);
  const cancelled = await place.run('tasks', 'cancel', 's1', 'm1');
  expect(cancelled).toMatchObject({ code: 1, stdout: 'cancelled s1\n' });
  expect(cancelled.stderr).toContain('error CONFLICT');
  expect(await omniq.tasks.get('s1')).toMatchObject({ state: 'cancelled', redrives: 1 });
});

test('without a terminal --all tells how many match, and changes nothing without --yes', async () => {
  const place = await Place.make();
  const omniq = await withFailed(place);
  const before = await statesOf(omniq);
  const [refused, dry] = await Promise.all([
    place.run('tasks', 'redrive', '--all', '--queue', 'mail'),
    place.run('tasks', 'redrive', '--all', '--dry-run', '--json'),
  ]);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/^2 tasks match\nerror USAGE: .*--yes/u);
  expect(dry).toMatchObject({ code: 0, stderr: '3 tasks match\n' });
  expect(lines(dry.stdout)).toEqual(['m1', 'm2', 's1'].map((id) => ({ id, outcome: 'matched' })));
  expect(await statesOf(omniq)).toEqual(before);

  const done = await place.run('tasks', 'redrive', '--all', '--queue', 'mail', '--yes');
  expect(done).toEqual({ code: 0, stdout: '', stderr: '2 tasks match\n2 redriven\n' });
  expect(await statesOf(omniq)).toMatchObject({ m1: 'pending', m2: 'pending', s1: 'failed' });
});

test('--all changes the states that were named, and no others that the store keeps alike', async () => {
  const place = await Place.make();
  const omniq = await withFailed(place);
  const done = await place.run('tasks', 'cancel', '--all', '--state', 'pending,running', '--yes', '--json');
  expect(done).toMatchObject({ code: 0, stderr: '1 task matches\n1 cancelled\n' });
  expect(lines(done.stdout)).toEqual([{ id: 'due', outcome: 'cancelled' }]);
  expect(await statesOf(omniq)).toMatchObject({ due: 'cancelled', later: 'scheduled', m1: 'failed' });
  const rest = await place.run('tasks', 'cancel', '--all', '--yes');
  expect(rest.stderr).toBe('1 task matches\n1 cancelled\n');
  expect(await statesOf(omniq)).toMatchObject({ later: 'cancelled', m1: 'failed' });
});
