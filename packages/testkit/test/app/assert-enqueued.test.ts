import { AssertionError } from 'node:assert';
import { createOmniQ, defineTask } from '@omniq/omniq';
import { assertEnqueued, enqueued, refuteEnqueued, testOmniQ, type TestOmniQ } from '@omniq/testkit/app';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

interface Mail {
  readonly to: string;
  readonly vars?: { readonly name: string; readonly tags: readonly string[] };
}

const start = Date.UTC(2027, 0, 31, 9);
const mail = defineTask({ name: 'mail.send', queue: 'mails', run: ({ to }: Mail) => `sent to ${to}` });
const other = defineTask({ name: 'other', run: (n: number) => n });
const ann: Mail = { to: 'ann', vars: { name: 'Ann', tags: ['a', 'b'] } };

let omniq: TestOmniQ;
beforeEach(async () => {
  omniq = await testOmniQ({ tasks: [mail, other], now: start });
});
afterEach(() => omniq.close());

async function failure(assertion: Promise<unknown>): Promise<AssertionError> {
  const error: unknown = await assertion.then(
    () => 'it held',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AssertionError);
  return error as AssertionError;
}

describe('assertEnqueued', () => {
  test('finds a task by its definition or its name, with its input', async () => {
    const { id } = await omniq.enqueue(mail, ann);
    expect(await assertEnqueued(omniq, mail)).toMatchObject({ id, input: ann, state: 'pending', queue: 'mails' });
    expect(await assertEnqueued(omniq, 'mail.send')).toMatchObject({ id });
  });

  test.each([
    ['part of the input', { input: { to: 'ann' } }],
    ['a deep part', { input: { vars: { name: 'Ann' } } }],
    ['a whole list', { input: { vars: { tags: ['a', 'b'] } } }],
    ['a predicate', { input: ({ to }: Mail) => to.startsWith('a') }],
    ["a test runner's matcher", { input: { to: expect.stringMatching(/^a/) as string } }],
    ['everything else', { queue: 'mails', priority: 7, state: 'scheduled', correlationId: 'c', uniqueKey: 'k' }],
    ['one of several states', { state: ['pending', 'scheduled'] }],
    ['an instant', { runAt: new Date(start + 3_600_000) }],
    ['an instant nearby', { runAt: '2027-01-31T09:50:00Z', within: '10m' }],
    ['a delay', { delay: '1h' }],
    ['a count', { count: 1 }],
  ] as const)('takes %s', async (_what, expected) => {
    await omniq.enqueue(mail, ann, { delay: '1h', priority: 7, correlationId: 'c', unique: 'k' });
    await assertEnqueued(omniq, mail, expected);
  });

  test.each([
    ['another input', { input: { to: 'bob' } }],
    ['a key that is not there', { input: { vars: { name: 'Ann', tags: undefined } } } as object],
    ['a key that it lacks', { input: { vars: { surname: 'Lee' } } } as object],
    ['part of a list', { input: { vars: { tags: ['a'] } } }],
    ['a predicate that says no', { input: ({ to }: Mail) => to === 'bob' }],
    ['a matcher that says no', { input: { to: expect.stringMatching(/^b/) as string } }],
    ['another queue', { queue: 'default' }],
    ['another priority', { priority: 0 }],
    ['another state', { state: 'pending' }],
    ['an instant too far off', { runAt: new Date(start + 3_602_000) }],
    ['a longer delay', { delay: '2h' }],
    ['another correlation id', { delay: '1h', correlationId: 'd' }],
    ['a higher count', { count: 2 }],
    ['a lower count', { count: 0 }],
  ] as const)('refuses %s', async (_what, expected) => {
    await omniq.enqueue(mail, ann, { delay: '1h', priority: 7, correlationId: 'c', unique: 'k' });
    await failure(assertEnqueued(omniq, mail, expected as never));
  });

  test('also finds what has run since, unless told', async () => {
    await omniq.enqueue(mail, ann);
    await omniq.drain();
    await assertEnqueued(omniq, mail, { state: 'completed' });
    await failure(assertEnqueued(omniq, mail, { state: 'pending' }));
  });

  test('finds parents', async () => {
    const parent = await omniq.enqueue(other, 1);
    await omniq.enqueue(mail, ann, { dependsOn: parent });
    await assertEnqueued(omniq, mail, { parents: [parent.id], state: 'blocked' });
  });

  test('looks past the first thousand', async () => {
    await omniq.enqueueMany(Array.from({ length: 1_500 }, (_, n) => [other, n] as const));
    await assertEnqueued(omniq, other, { input: 1_499 });
    await assertEnqueued(omniq, other, { count: 1_500 });
  });

  test('reads any OmniQ', async () => {
    const real = await createOmniQ({ tasks: 'memory:', logging: { disabled: true } });
    await real.enqueue(mail, ann, { delay: '1h' });
    await assertEnqueued(real, mail, { input: { to: 'ann' }, runAt: Date.now() + 3_600_000, within: '1m' });
    await refuteEnqueued(real, other);
    await real.close();
  });

  test('refuses a runAt together with a delay', async () => {
    const both = assertEnqueued(omniq, mail, { runAt: start, delay: '1h' });
    await expect(both).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('a failed assertion', () => {
  test('shows what was enqueued of that name, what it lacks, and the nearest as a diff', async () => {
    await omniq.enqueue(mail, { to: 'bob' }, { delay: '1h' });
    await omniq.enqueue(mail, ann);
    const error = await failure(
      assertEnqueued(omniq, mail, { input: { to: 'eve' }, queue: 'mails', state: 'pending' }),
    );
    expect(error.message).toBe(
      `Expected a task mail.send like { input: { to: 'eve' }, state: 'pending', queue: 'mails' } to be enqueued, but found none.
Enqueued as mail.send:
  { to: 'bob' } in mails, scheduled for 2027-01-31T10:00:00.000Z  <- not as expected: input, state
  { to: 'ann', vars: { name: 'Ann', tags: [ 'a', 'b' ] } } in mails, pending  <- not as expected: input`,
    );
    expect(error.expected).toEqual({ input: { to: 'eve' }, state: 'pending', queue: 'mails' });
    expect(error.actual).toEqual({ input: { to: 'ann' }, state: 'pending', queue: 'mails' });
  });

  test('leaves what is near enough out of the diff', async () => {
    await omniq.enqueue(mail, ann, { delay: 500 });
    const error = await failure(assertEnqueued(omniq, mail, { runAt: start, queue: 'default' }));
    expect(error.expected).toEqual({ runAt: new Date(start).toISOString(), queue: 'default' });
    expect(error.actual).toEqual({ runAt: new Date(start).toISOString(), queue: 'mails' });
  });

  test('shows what else was enqueued', async () => {
    await omniq.enqueueMany([
      [other, 1],
      [other, 2],
    ]);
    const error = await failure(assertEnqueued(omniq, mail));
    expect(error.message).toBe(
      'Expected a task mail.send to be enqueued, but found none.\nEnqueued instead:\n  other (2)',
    );
  });

  test('says when there is nothing', async () => {
    const error = await failure(assertEnqueued(omniq, mail));
    expect(error.message).toMatch(/Nothing was enqueued at all/);
    expect(error).toMatchObject({ actual: null, expected: {} });
  });

  test('tells a wrong count', async () => {
    await omniq.enqueue(mail, ann);
    const error = await failure(assertEnqueued(omniq, mail, { count: 2 }));
    expect(error).toMatchObject({ actual: 1, expected: 2, message: /^Expected 2 of the task mail.send .* found 1/ });
  });

  test('shows the first ten', async () => {
    await omniq.enqueueMany(Array.from({ length: 12 }, (_, n) => [other, n] as const));
    const error = await failure(assertEnqueued(omniq, other, { input: 99 }));
    expect(error.message.split('\n')).toHaveLength(13);
    expect(error.message).toMatch(/… and 2 more$/);
  });

  test('points at the test', async () => {
    const error = await failure(assertEnqueued(omniq, mail));
    expect(error.stack).toContain('assert-enqueued.test.ts');
    expect(error.stack).not.toContain('src/app');
  });
});

describe('refuteEnqueued', () => {
  test('holds while there is no such task', async () => {
    await refuteEnqueued(omniq, mail);
    await omniq.enqueue(mail, ann);
    await refuteEnqueued(omniq, mail, { input: { to: 'bob' } });
    await refuteEnqueued(omniq, other);
  });

  test('shows those that are there', async () => {
    const { id } = await omniq.enqueue(mail, ann);
    const error = await failure(refuteEnqueued(omniq, mail, { input: { to: 'ann' } }));
    expect(error.message).toBe(
      `Expected no task mail.send like { input: { to: 'ann' } } to be enqueued, but found 1:
  { to: 'ann', vars: { name: 'Ann', tags: [ 'a', 'b' ] } } in mails, pending`,
    );
    expect(error).toMatchObject({ expected: [], actual: [{ id, queue: 'mails', state: 'pending', input: ann }] });
  });
});

test('enqueued lists all, or those of a task, a queue, a state', async () => {
  await omniq.enqueue(mail, ann);
  await omniq.enqueue(other, 1);
  await omniq.enqueue(other, 2, { queue: 'q', delay: '1h' });
  const inputs = (tasks: readonly { readonly input: unknown }[]): readonly unknown[] => tasks.map(({ input }) => input);
  expect(inputs(await enqueued(omniq))).toEqual([ann, 1, 2]);
  expect(inputs(await enqueued(omniq, other))).toEqual([1, 2]);
  expect(inputs(await enqueued(omniq, other, { queue: 'q' }))).toEqual([2]);
  expect(inputs(await enqueued(omniq, undefined, { state: 'pending' }))).toEqual([ann, 1]);
});
