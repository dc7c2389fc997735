import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import memory from '@omniq/storage-memory';
import { createOmniQ, defineTask, offload, silent, type OmniQConfig } from '../../src/index.ts';
import { after, freshUrl, openOn, stores } from './stores.ts';

const echo = defineTask({ name: 'echo', run: (value: unknown) => value });

async function roundTrip(value: unknown, config: OmniQConfig = {}): Promise<unknown> {
  const omniq = await openOn('sqlite', config);
  await omniq.work({ tasks: [echo] });
  return (await omniq.enqueue(echo, value)).result({ timeout: '20s' });
}

test('tasks, results and events each live where they are told to', async () => {
  const [tasks, results, events] = [await freshUrl('sqlite'), await freshUrl('sqlite'), await freshUrl('sqlite')];
  const omniq = await createOmniQ({
    tasks,
    results,
    events: { url: events, level: 'INFO' },
    schedules: 'memory:',
    logger: silent,
  });
  after(() => omniq.close());
  await omniq.work({ tasks: [echo] });
  const handle = await omniq.enqueue(echo, 'apart');
  expect(await handle.result({ timeout: '20s' })).toBe('apart');
  expect((await omniq.events({ task: handle.id })).items.map(({ type }) => type)).toEqual(['ENQUEUED', 'COMPLETE']);

  const onlyResults = await createOmniQ({ tasks, results: 'memory:', events, logger: silent });
  after(() => onlyResults.close());
  expect(await onlyResults.handle(handle.id).get()).toMatchObject({ state: 'completed' });
  expect(await onlyResults.handle(handle.id).result({ timeout: '1s' })).toBeUndefined();
  expect(await omniq.tasks.remove([handle.id])).toBe(1);
});

test('large payloads live in a record store, and go with their task', async () => {
  const { records } = await memory.open('memory:', {});
  if (records === undefined) throw new Error('memory keeps records');
  const omniq = await openOn('sqlite', { codec: { transforms: [offload({ records, above: 1_000 })] } });
  const worker = await omniq.work({ tasks: [echo] });
  const large = 'x'.repeat(2 * 1024 * 1024);
  const handle = await omniq.enqueue(echo, large);
  expect(await handle.result({ timeout: '20s' })).toBe(large);
  expect(await records.list('', null, 10)).toHaveLength(2);
  await worker.stop();
  await omniq.tasks.remove([handle.id]);
  expect(await records.list('', null, 10)).toEqual([]);
});

describe('a payload through a durable queue', () => {
  const shared = { deep: [1, 2] };
  const cycle: Record<string, unknown> = { name: 'cycle' };
  cycle['self'] = cycle;
  const keys = [{ id: 'k1', secret: Buffer.alloc(32, 7).toString('base64') }];

  test.each([
    ['a BigInt', { n: 12345678901234567890n }],
    ['a Map', new Map([['a', new Set([1, 2])]])],
    ['a Date and typed arrays', { at: new Date(5), bytes: new Uint8Array([1, 2, 3]) }],
    ['undefined inside', { a: undefined, b: [undefined] }],
    ['one object twice', { a: shared, b: shared }],
    ['numbers at the edges', [Number.NaN, -0, Infinity, Number.MAX_SAFE_INTEGER]],
  ])('%s arrives equal', async (_what, value) => {
    expect(await roundTrip(value)).toStrictEqual(value);
  });

  test.each([
    ['a function', { run: () => 1 }, 'PAYLOAD_UNSUPPORTED', /run/],
    ['a class instance', { user: new (class User {})() }, 'PAYLOAD_UNSUPPORTED', /User.*plain/s],
    ['a cycle without a key', cycle, 'PAYLOAD_UNSUPPORTED', /key/],
    ['2 MiB', 'x'.repeat(2 * 1024 * 1024), 'PAYLOAD_TOO_LARGE', /limit|offload/i],
  ])('%s is refused with what to do', async (_what, value, code, remedy) => {
    const refused = await roundTrip(value).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(remedy) as string });
  });

  test('a cycle arrives equal under a signing key', async () => {
    const arrived = (await roundTrip(cycle, { codec: { signingKeys: keys } })) as { name: string; self: unknown };
    expect(arrived.name).toBe('cycle');
    expect(arrived.self).toBe(arrived);
  });

  test('is unreadable in the store when encrypted, and arrives equal', async () => {
    expect(await roundTrip({ secret: 'x' }, { codec: { encryptionKeys: keys } })).toEqual({ secret: 'x' });
  });
});

describe.each(stores)('a task module on %s', (store) => {
  const path = relative(process.cwd(), fileURLToPath(new URL('./sample-tasks.ts', import.meta.url)));

  test('is enqueued by path, as a task or as a plain function', async () => {
    const omniq = await openOn(store);
    const [greeting, shouting] = [
      await omniq.enqueue(`./${path}#greet`, 'you'),
      await omniq.enqueue(`${path}#shout`, 'hey'),
    ];
    await omniq.work({ tasks: [`./${path}`] });
    expect(await greeting.result({ timeout: '20s' })).toBe('hello you');
    expect(await shouting.result({ timeout: '20s' })).toBe('HEY');
    expect(await greeting.get()).toMatchObject({ name: `${path}#greet` });
  });

  test('that is not there is refused with where it was looked for', async () => {
    const omniq = await openOn(store);
    await expect(omniq.work({ tasks: ['./nowhere.ts'] })).rejects.toThrow(/nowhere\.ts.*Paths are taken from/s);
  });
});
