import { once, EventEmitter } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Connection } from '../src/connection.ts';
import { locate } from '../src/location.ts';
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

test('the files may go and come back', async () => {
  const file = fresh();
  const wakes = new Wakes(`${file}-sessions`, () => true);
  for (let round = 0; round < 3; round += 1) {
    const woken = new Promise<void>((resolve) => {
      const stop = wakes.listen(() => (stop(), resolve()));
    });
    const { backend, tasks, now } = await openTasks(file);
    await tasks.insert(tasksOf(1, now, `round-${round}`), now);
    await woken;
    await backend.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}-sessions${end}`, { force: true });
  }
  wakes.close();
});

test('others are told of a commit when they can see it, once', { timeout: 60_000 }, async () => {
  const file = fresh();
  const child = new Child('insert', file);
  expect(await child.next()).toBe('ready');
  const reader = Connection.open(locate(file));
  reader.hasChanged();
  const looks: boolean[] = [];
  const woken = new EventEmitter();
  const wakes = new Wakes(`${file}-sessions`, () => {
    looks.push(reader.hasChanged());
    woken.emit('looked');
    return looks.at(-1) === true;
  });
  wakes.listen(() => {});
  for (let round = 0; round < 20; round += 1) {
    const looked = once(woken, 'looked');
    child.send(`round-${round}`);
    await looked;
  }
  expect(looks).toEqual(Array.from({ length: 20 }, () => true));
  wakes.close();
  reader.close();
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
