import { expect, test } from 'vitest';
import { lines, Place } from './omniq-command.ts';

test('a paused queue starts nothing until it is resumed, whoever paused it', async () => {
  const place = await Place.make();
  await place.write('tasks.js', 'export const note = () => {};');
  const omniq = await place.open();
  await omniq.enqueue('tasks.js#note', null, { queue: 'mail' });
  await omniq.enqueue('tasks.js#note', null, { queue: 'sms' });
  expect(await place.run('queues', 'pause', 'mail')).toEqual({ code: 0, stdout: 'paused mail\n', stderr: '' });
  const first = await place.run('worker', 'tasks.js', '-q', 'mail,sms', '--once', '--json');
  expect(lines(first.stdout)).toMatchObject([{ completed: 1 }]);
  const listed = await place.run('queues', 'ls', '--json');
  expect(lines(listed.stdout)).toMatchObject([
    { name: 'mail', paused: true, counts: { pending: 1 } },
    { name: 'sms', paused: false, counts: { completed: 1 } },
  ]);
  const resumed = await place.run('queues', 'resume', 'mail', '--json');
  expect(lines(resumed.stdout)).toEqual([{ name: 'mail', paused: false }]);
  const second = await place.run('worker', 'tasks.js', '-q', 'mail', '-q', 'sms', '--once', '--json');
  expect(lines(second.stdout)).toMatchObject([{ completed: 1 }]);
  const [table, events] = await Promise.all([
    place.run('queues', 'ls'),
    place.run('events', 'ls', '--json', '--type', 'queue_paused'),
  ]);
  expect(table.stdout).toMatch(/^QUEUE +PAUSED +PENDING[^\n]*\nmail +no +0 /u);
  expect(lines(events.stdout)).toMatchObject([{ type: 'QUEUE_PAUSED', queue: 'mail', level: 'WARNING' }]);
});
