import { isOmniQError } from '@omniq/core';
import { memory } from '@omniq/storage-memory';
import { describe, expect, test } from 'vitest';
import { openBackend } from '../../src/backends/open-backend.ts';
import { openStores } from '../../src/backends/open-stores.ts';
import type { StoreName, StoreTarget } from '../../src/config/settings.ts';
import { thirdParty } from './plugins.ts';

const url = (given: string, options: Record<string, unknown> = {}): StoreTarget => ({
  url: given,
  options,
  bareNumber: 's',
});

function targets(all: StoreTarget, over: Partial<Record<StoreName, StoreTarget>> = {}): Record<StoreName, StoreTarget> {
  return { tasks: all, results: all, events: all, schedules: all, outbox: all, ...over };
}

describe('opening stores', () => {
  test('one URL for several stores opens one backend, closed once', async () => {
    const mine = thirdParty('mine', ['mine', 'my']);
    const stores = await openStores(
      targets(url('mine://h/d'), { results: url('my://h/d'), events: url('mine://h/other') }),
      { plugins: [mine.plugin] },
    );
    expect(mine.opened.map((opened) => opened.url)).toEqual(['mine://h/d', 'mine://h/other']);
    expect(stores.results.backend).toBe(stores.tasks.backend);
    expect(stores.events.backend).not.toBe(stores.tasks.backend);
    await stores.close();
    await stores.close();
    expect(mine.closed).toBe(2);
  });

  test('the same URL with other options is another backend', async () => {
    const mine = thirdParty('mine', ['mine']);
    const stores = await openStores(
      targets(url('mine:x', { pool: 1, tls: true }), {
        events: url('mine:x', { pool: 2 }),
        results: url('mine:x', { tls: true, pool: 1 }),
      }),
      {
        plugins: [mine.plugin],
      },
    );
    expect(mine.opened.map(({ options }) => options)).toEqual([{ pool: 1, tls: true }, { pool: 2 }]);
    await stores.close();
  });

  test('memory is one memory, and another for another queue', async () => {
    const one = await openStores(targets(url('memory:'), { results: url('memory://') }));
    const other = await openStores(targets(url('memory:')));
    expect(one.results.backend).toBe(one.tasks.backend);
    expect(other.tasks.backend).not.toBe(one.tasks.backend);
    await Promise.all([one.close(), other.close()]);
  });

  test('an open backend is used as it is and not closed', async () => {
    const mine = thirdParty('mine', ['mine']);
    const backend = await mine.plugin.open('mine:', {});
    const stores = await openStores(targets({ backend }));
    expect(stores.tasks).toMatchObject({ backend, given: true });
    await stores.close();
    expect(mine.closed).toBe(0);
  });

  test('if one does not open, those that did are closed again, and the first error is told', async () => {
    const mine = thirdParty('mine', ['mine']);
    const broken = thirdParty('broken', ['broken'], {
      open: () => Promise.reject(new Error('no answer from broken://me:hunter2@h')),
    });
    const opening = openStores(targets(url('mine:'), { schedules: url('broken://me:hunter2@h') }), {
      plugins: [mine.plugin, broken.plugin],
    });
    const error = await opening.catch((thrown: unknown) => thrown);
    expect(isOmniQError(error, 'STORE_UNREACHABLE')).toBe(true);
    expect((error as Error).message).toBe(
      'The backend broken did not open broken://me:***@h: no answer from broken://me:***@h',
    );
    expect(mine.closed).toBe(1);
  });

  test('nothing is opened while anything is wrong with one of them', async () => {
    const mine = thirdParty('mine', ['mine']);
    await expect(
      openStores(targets(url('mine:'), { schedules: url('nothing:') }), { plugins: [mine.plugin] }),
    ).rejects.toThrow('No backend opens nothing: URLs');
    expect(mine.opened).toEqual([]);
  });

  test('all are closed though one does not close', async () => {
    const mine = thirdParty('mine', ['mine']);
    const stuck = thirdParty('stuck', ['stuck'], {
      open: async () => ({ ...(await memory.open('memory:', {})), close: () => Promise.reject(new Error('stuck')) }),
    });
    const stores = await openStores(targets(url('mine:'), { results: url('stuck:') }), {
      plugins: [mine.plugin, stuck.plugin],
    });
    await expect(stores.close()).rejects.toThrow('stuck');
    expect(mine.closed).toBe(1);
  });
});

describe('options of a backend', () => {
  const opened = async (options: Record<string, unknown>, bareNumber: 'ms' | 's' = 's'): Promise<unknown> => {
    const mine = thirdParty('mine', ['mine']);
    const { backend } = await openBackend({ url: 'mine:', options, bareNumber }, { plugins: [mine.plugin] });
    await backend.close();
    return mine.opened[0]?.options;
  };

  test('durations become milliseconds', async () => {
    expect(await opened({ timeout: '5s' })).toEqual({ timeout: 5_000 });
    expect(await opened({ timeout: 5 })).toEqual({ timeout: 5_000 });
    expect(await opened({ timeout: 5 }, 'ms')).toEqual({ timeout: 5 });
  });

  test('objects are handed on, for clients that are open already', async () => {
    const client = { query: () => 1 };
    expect(await opened({ client })).toEqual({ client });
  });

  test.each([
    [{ poool: 5 }, 'The backend mine has no option poool. Did you mean pool? It takes namespace, pool, timeout, tls.'],
    [{ pool: 'five' }, 'mine.pool is of type string; expected a number. Connections at most.'],
    [{ tls: 'yes' }, 'mine.tls is of type string; expected a boolean. Whether to encrypt.'],
    [{ timeout: true }, 'mine.timeout is of type boolean; expected a duration. How long to wait.'],
    [{ constructor: 5 }, 'The backend mine has no option constructor. It takes namespace, pool, timeout, tls.'],
  ])('%j is refused', async (options, message) => {
    await expect(opened(options)).rejects.toThrow(message);
  });

  test('a namespace is the option of that name, and refused where there is none', async () => {
    const mine = thirdParty('mine', ['mine']);
    const bare = thirdParty('bare', ['bare'], { options: {} });
    await openBackend('mine:', { plugins: [mine.plugin], namespace: 'blue' });
    expect(mine.opened[0]?.options).toEqual({ namespace: 'blue' });
    await expect(openBackend('bare:', { plugins: [bare.plugin], namespace: 'blue' })).rejects.toThrow(
      'The backend bare keeps no namespaces apart, and the namespace blue is configured.',
    );
    await (await openBackend('memory:', { namespace: 'blue' })).backend.close();
  });

  test('a plugin object opens its own scheme', async () => {
    const mine = thirdParty('mine', ['mine']);
    expect(await openBackend(mine.plugin)).toMatchObject({ name: 'mine', url: 'mine:', given: false });
  });
});
