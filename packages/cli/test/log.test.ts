import { expect, test } from 'vitest';
import { lines, Place } from './omniq-command.ts';

test('the log of a file store is printed command by command, without payloads', async () => {
  const place = await Place.make();
  await place.write('tasks.js', 'export const note = () => {};');
  const storage = ['--storage', 'file:./jobs'];
  await place.run('enqueue', 'tasks.js#note', '"secret words"', '--id', 'one', ...storage);
  const printed = await place.run('log', ...storage);
  expect(printed.code).toBe(0);
  expect(printed.stdout).not.toContain('secret words');
  const all = lines(printed.stdout);
  expect(all).toMatchObject([
    { position: 1, verb: 'insert', rows: [{ id: 'one', body: expect.stringMatching(/^\d+ bytes$/) as string }] },
  ]);
  expect((await place.run('log', '--after', '1', ...storage)).stdout).toBe('');
  await place.run('queues', 'pause', 'default', ...storage);
  expect(lines((await place.run('log', '--limit', '1', '--after', '1', ...storage)).stdout)).toMatchObject([
    { position: 2, verb: 'configure', queue: 'default', settings: { paused: true } },
  ]);
});

test('a store without a log says so', async () => {
  const place = await Place.make();
  const { code, stderr } = await place.run('log');
  expect(code).not.toBe(0);
  expect(stderr).toContain('keeps no log');
});
