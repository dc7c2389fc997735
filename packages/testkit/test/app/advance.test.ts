import { setTimeout as sleep } from 'node:timers/promises';
import { defineTask, type TaskContext } from '@omniq/omniq';
import { testOmniQ, type Ran, type TestOmniQ, type TestOmniQOptions } from '@omniq/testkit/app';
import { afterEach, expect, test } from 'vitest';

const start = Date.UTC(2027, 0, 31, 9);
const note = defineTask({ name: 'note', run: (text: string): string => text });

const opened: TestOmniQ[] = [];
async function open(options: TestOmniQOptions = {}): Promise<TestOmniQ> {
  const omniq = await testOmniQ({ tasks: [note], now: start, ...options });
  opened.push(omniq);
  return omniq;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((omniq) => omniq.close()));
});

const times = (ran: readonly Ran[]): readonly unknown[] =>
  ran.map(({ input, startedAt }) => [input, startedAt - start]);

/** Ends when its signal aborts, with the reason. */
const untilAborted = (_: unknown, { signal }: TaskContext): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

test('each task runs at its time, what is due now first', async () => {
  const omniq = await open();
  await omniq.enqueue(note, 'last', { delay: '1h' });
  await omniq.enqueue(note, 'second', { runAt: new Date(start + 5_000) });
  await omniq.enqueue(note, 'first');
  await omniq.enqueue(note, 'too late', { delay: '61m' });
  expect(times(await omniq.advance('1h'))).toEqual([
    ['first', 0],
    ['second', 5_000],
    ['last', 3_600_000],
  ]);
  expect(omniq.now()).toBe(start + 3_600_000);
});

test('to an instant, never back', async () => {
  const omniq = await open();
  await omniq.enqueue(note, 'a', { delay: '1d' });
  expect(await omniq.advanceTo('2027-02-01T09:00:00Z')).toHaveLength(1);
  await expect(omniq.advanceTo(new Date(start))).rejects.toMatchObject({ code: 'INVALID_OPTION', message: /run back/ });
  await expect(omniq.advanceTo('2027-02-01')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('retries come after their exact delays', async () => {
  const fails = defineTask({
    name: 'fails',
    run: () => {
      throw new Error('no');
    },
  });
  const omniq = await open({ tasks: [fails] });
  const handle = await omniq.enqueue(fails);
  const ran = await omniq.advance('1m');
  expect(ran.map(({ startedAt, outcome }) => [startedAt - start, outcome])).toEqual([
    [0, 'retry'],
    [1_000, 'retry'],
    [3_000, 'retry'],
    [7_000, 'failed'],
  ]);
  await expect(handle.result()).rejects.toMatchObject({ code: 'TASK_FAILED', cause: { message: 'no' } });
});

test('what a task enqueues with a delay runs on the way as well', async () => {
  const follow = defineTask({
    name: 'follow',
    run: async (text: string) => void (await omniq.enqueue(note, text, { delay: '10m' })),
  });
  const omniq = await open({ tasks: [follow, note] });
  await omniq.enqueue(follow, 'a', { delay: '10m' });
  expect(times(await omniq.advance('20m'))).toEqual([
    ['a', 600_000],
    ['a', 1_200_000],
  ]);
});

test('time to live ends at its instant, and children follow', async () => {
  const omniq = await open();
  await omniq.queues.pause('slow');
  const parent = await omniq.enqueue(note, 'parent', { ttl: '90s', queue: 'slow' });
  const child = await omniq.enqueue(note, 'child', { dependsOn: parent, onParentFailure: 'run' });
  expect(times(await omniq.advance('1h'))).toEqual([['child', 90_000]]);
  expect(await parent.get()).toMatchObject({ state: 'expired', finishedAt: start + 90_000 });
  expect(await child.get()).toMatchObject({ state: 'completed' });
});

test('a result that is waited for comes, and one that is not in time does not', async () => {
  const omniq = await open();
  const handle = await omniq.enqueue(note, 'a', { delay: '2m' });
  const early = handle.result({ timeout: '1m' }).catch((error: unknown) => error);
  const result = handle.result();
  await omniq.advance('2m');
  expect(await early).toMatchObject({ code: 'RESULT_TIMEOUT' });
  expect(await result).toBe('a');
});

test('the clock waits for a run that really takes time, so no timeout comes too early', async () => {
  const real = defineTask({ name: 'real', timeout: '1s', run: () => sleep(30, 'done') });
  const omniq = await open({ tasks: [real, note] });
  await omniq.enqueue(real, undefined, { delay: '1m' });
  await omniq.enqueue(note, 'much later', { delay: '2h' });
  expect(await omniq.advance('3h')).toMatchObject([{ outcome: 'completed', result: 'done' }, { result: 'much later' }]);
});

test('duringRuns lets a timeout come', async () => {
  const hangs = defineTask({ name: 'hangs', timeout: '30s', retry: { maxAttempts: 2 }, run: untilAborted });
  const omniq = await open({ tasks: [hangs] });
  await omniq.enqueue(hangs);
  expect(await omniq.advance('29s', { duringRuns: true })).toMatchObject([{ outcome: 'running', endedAt: null }]);
  const ran = await omniq.advance('1m', { duringRuns: true });
  expect(ran).toMatchObject([
    { attempt: 1, outcome: 'retry', error: { code: 'RUN_TIMEOUT' }, endedAt: start + 30_000 },
    { attempt: 2, outcome: 'failed', error: { code: 'RUN_TIMEOUT' }, endedAt: start + 61_000 },
  ]);
});

test('a run left behind is waited for by the next drain', async () => {
  const gate = Promise.withResolvers<string>();
  const waits = defineTask({ name: 'waits', run: () => gate.promise });
  const omniq = await open({ tasks: [waits] });
  await omniq.enqueue(waits);
  await omniq.advance('1s', { duringRuns: true });
  gate.resolve('open');
  expect(await omniq.drain()).toMatchObject([{ outcome: 'completed', result: 'open', startedAt: start }]);
});

test('a cancel reaches a run while time passes', async () => {
  const hangs = defineTask({ name: 'hangs', run: untilAborted });
  const omniq = await open({ tasks: [hangs] });
  const handle = await omniq.enqueue(hangs);
  await omniq.advance(0, { duringRuns: true });
  expect(await handle.cancel()).toBe('requested');
  await omniq.advance('2s', { duringRuns: true });
  expect(await handle.get()).toMatchObject({ state: 'cancelled' });
});
