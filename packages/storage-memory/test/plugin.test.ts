import { runConformance } from '@omniq/testkit/storage';
import { expect, test } from 'vitest';
import memory from '../src/index.ts';
import { withCapabilities } from './with-capabilities.ts';

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

test('a store that says it can but cannot fails what it claims', async () => {
  const claimed = { orderKeys: true, limits: true, clock: true };
  const open = async () => withCapabilities(await memory.open('memory:', {}), claimed);
  const { features } = await runConformance('boastful', open);
  const failing = Object.keys(features).filter((feature) => (features[feature]?.failed ?? 0) > 0);
  expect(failing.sort()).toEqual(['tasks/clock', 'tasks/limits', 'tasks/ordering keys']);
});
