import { defineTask, RetryAfter } from '@omniq/omniq';
import { spyOn, testOmniQ, type TestOmniQ, type TestOmniQOptions } from '@omniq/testkit/app';
import { afterEach, expect, test } from 'vitest';

const note = defineTask({ name: 'note', run: (text: string): string => text.toUpperCase() });

const opened: TestOmniQ[] = [];
async function open(options: TestOmniQOptions = {}): Promise<TestOmniQ> {
  const omniq = await testOmniQ({ tasks: [note], inline: true, ...options });
  opened.push(omniq);
  return omniq;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((omniq) => omniq.close()));
});

test('an enqueue has run its task, and the result is there', async () => {
  const omniq = await open();
  const handle = await omniq.enqueue(note, 'a');
  expect(await handle.get()).toMatchObject({ state: 'completed', attempt: 1 });
  expect(await handle.result()).toBe('A');
});

test('so have many at once, and those in chunks', async () => {
  const omniq = await open();
  const [one, other] = await omniq.enqueueMany([
    [note, 'a'],
    [note, 'b'],
  ]);
  expect([await one?.result(), await other?.result()]).toEqual(['A', 'B']);
  for await (const handle of omniq.enqueueAll([[note, 'c']])) expect(await handle.result()).toBe('C');
});

test('concurrent enqueues each find their task done', async () => {
  const omniq = await open();
  const handles = await Promise.all(['a', 'b', 'c'].map((text) => omniq.enqueue(note, text)));
  expect(await Promise.all(handles.map((handle) => handle.get()))).toMatchObject(
    handles.map(() => ({ state: 'completed' })),
  );
});

test('what a task enqueues has run before that task goes on', async () => {
  const seen: string[] = [];
  const inner = defineTask({ name: 'inner', run: (text: string) => void seen.push(text) });
  const outer = defineTask({
    name: 'outer',
    run: async () => {
      seen.push('before');
      await omniq.enqueue(inner, 'inner');
      seen.push('after');
    },
  });
  const omniq = await open({ tasks: [inner, outer] });
  await omniq.enqueue(outer);
  expect(seen).toEqual(['before', 'inner', 'after']);
});

test('a failure is the failure of the task, after all its attempts, and no time passes', async () => {
  const fails = defineTask({
    name: 'fails',
    run: (_: void, { attempt }) => {
      throw attempt === 2 ? new RetryAfter('1h') : new Error(`attempt ${attempt}`);
    },
  });
  const omniq = await open({ tasks: [fails] });
  const before = omniq.now();
  using spy = spyOn(fails);
  const handle = await omniq.enqueue(fails);
  expect(spy.calls.map(({ context }) => context.attempt)).toEqual([1, 2, 3, 4]);
  expect(omniq.now()).toBe(before);
  await expect(handle.result()).rejects.toMatchObject({ code: 'TASK_FAILED', cause: { message: 'attempt 4' } });
});

test('what is delayed, snoozed or blocked waits as ever', async () => {
  const snoozes = defineTask({ name: 'snoozes', run: (_: void, ctx) => ctx.snooze('1m') });
  const omniq = await open({ tasks: [note, snoozes] });
  const delayed = await omniq.enqueue(note, 'a', { delay: '1h' });
  const child = await omniq.enqueue(note, 'b', { dependsOn: delayed });
  const snoozed = await omniq.enqueue(snoozes);
  expect(await delayed.get()).toMatchObject({ state: 'scheduled' });
  expect(await child.get()).toMatchObject({ state: 'blocked' });
  expect(await snoozed.get()).toMatchObject({ state: 'scheduled', reason: 'snoozed' });
  await omniq.advance('1h');
  expect(await child.result()).toBe('B');
});

test('can be switched on and off', async () => {
  const omniq = await open({ inline: false });
  const first = await omniq.enqueue(note, 'a');
  expect(await first.get()).toMatchObject({ state: 'pending' });
  omniq.inline = true;
  const second = await omniq.enqueue(note, 'b');
  expect(await Promise.all([first.get(), second.get()])).toMatchObject([
    { state: 'completed' },
    { state: 'completed' },
  ]);
});

test('a task that time passes for may enqueue as well', async () => {
  const outer = defineTask({ name: 'outer', run: async () => (await omniq.enqueue(note, 'a')).result() });
  const omniq = await open({ tasks: [outer, note], inline: false });
  const handle = await omniq.enqueue(outer);
  omniq.inline = true;
  await omniq.advance('1s', { duringRuns: true });
  await omniq.drain();
  expect(await handle.result()).toBe('A');
});
