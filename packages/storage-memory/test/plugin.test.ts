import { runConformance } from '@omniq/testkit/storage';
import { expect, test } from 'vitest';
import memory from '../src/index.ts';
import { plainer } from './plainer.ts';

test('each opening without a name has a memory of its own', async () => {
  const [one, two] = [await memory.open('memory:', {}), await memory.open('memory:', {})];
  await one.records?.put('key', new Uint8Array(1));
  expect(await two.records?.get('key')).toBeUndefined();
});

test('openings of one name share it, and the last to close drops it', async () => {
  const url = 'memory://shared';
  const [one, two] = [await memory.open(url, {}), await memory.open(url, {})];
  await one.records?.put('key', new Uint8Array(1));
  await one.close();
  await one.close();
  expect(await two.records?.get('key')).toBeDefined();
  const three = await memory.open('memory://shared/', {});
  await two.close();
  expect(await three.records?.get('key')).toBeDefined();
  await three.close();
  const four = await memory.open(url, {});
  expect(await four.records?.get('key')).toBeUndefined();
  await four.close();
});

test('a closed opening wakes its listeners no more', async () => {
  const url = 'memory://bells';
  const [one, two] = [await memory.open(url, {}), await memory.open(url, {})];
  let woken = 0;
  one.tasks?.watch?.(() => (woken += 1));
  await one.close();
  await two.tasks?.insert([], 0);
  expect(woken).toBe(0);
  await two.close();
});

test.each([
  'memory:../../etc',
  'memory://a b',
  'memory://a/b',
  'memory:?x=1',
  `memory://${'x'.repeat(129)}`,
  'sqlite:',
])('the URL %s is refused', async (url) => {
  await expect(memory.open(url, {})).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('a store that says it cannot but takes the request in silence fails the suite', async () => {
  const open = async () => plainer(await memory.open('memory:', {}), { honest: false });
  const { failures } = await runConformance('dishonest', open);
  const features = new Set(failures.map(({ feature }) => feature));
  expect([...features].sort()).toEqual(
    ['hostile names', 'races', 'remove', 'results with changes', 'rows with changes', 'unique keys', 'bytes'].sort(),
  );
});
