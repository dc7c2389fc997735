import { once, EventEmitter } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Wakes } from '../src/wakes.ts';
import { Child } from './children.ts';
import { freshFiles } from './folder.ts';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const fresh = freshFiles();

test(
  'a task of another process wakes a worker until it is claimed, before and after the log is cut short',
  { timeout: 60_000 },
  async () => {
    const file = fresh();
    const { backend, tasks, now } = await openTasks(file);
    await openSession(tasks, 'session', now);
    const child = new Child('insert', file);
    expect(await child.next()).toBe('ready');
    let request = 0;
    const found = new EventEmitter();
    const stop = tasks.watch?.(() => {
      request += 1;
      void tasks
        .claim(claimRequest('session', request, now))
        .then((claimed) => claimed.length > 0 && found.emit('claimed', claimed));
    });
    for (const id of ['one', 'truncate', 'two', 'truncate', 'three']) {
      const claimed = once(found, 'claimed');
      child.send(id);
      if (id !== 'truncate') expect(await claimed).toMatchObject([[{ id: `${id}-0` }]]);
    }
    stop?.();
    await backend.close();
  },
);

test('the log may go and come back', async () => {
  const file = fresh();
  const wakes = new Wakes(file, () => true);
  for (let round = 0; round < 3; round += 1) {
    const woken = new Promise<void>((resolve) => {
      const stop = wakes.listen(() => (stop(), resolve()));
    });
    const { backend, tasks, now } = await openTasks(file);
    await tasks.insert(tasksOf(1, now, `round-${round}`), now);
    await woken;
    await backend.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  }
  wakes.close();
});

test('a write is looked at again until its commit can be seen, however long the flush takes', async () => {
  const file = fresh();
  let looks = 0;
  const wakes = new Wakes(file, () => {
    looks += 1;
    return looks === 12;
  });
  const woken = new Promise<void>((resolve) => wakes.listen(resolve));
  writeFileSync(`${file}-wal`, 'a write whose commit comes late');
  await woken;
  expect(looks).toBe(12);
  wakes.close();
});

test('what this process commits itself is told at once, and once for all of a turn', async () => {
  const { backend, tasks, now } = await openTasks(':memory:');
  let told = 0;
  const stop = tasks.watch?.(() => (told += 1));
  await Promise.all([tasks.insert(tasksOf(1, now, 'a'), now), tasks.insert(tasksOf(1, now, 'b'), now)]);
  expect(told).toBe(1);
  stop?.();
  await tasks.insert(tasksOf(1, now, 'c'), now);
  expect(told).toBe(1);
  await backend.close();
});
