import assert from 'node:assert/strict';
import type { ResultStore } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { hostileNames } from './hostile-names.ts';
import { same, samples } from './samples.ts';
import { bytes } from './rows.ts';

const NOW = 1_800_000_000_000;

function resultCase(feature: string, title: string, body: (results: ResultStore) => Promise<void>): ConformanceCase {
  return {
    store: 'results',
    feature,
    title,
    async run(open) {
      const { results } = await open();
      if (results === undefined) return 'absent';
      await body(results);
      return 'proved';
    },
  };
}

export const resultCases: readonly ConformanceCase[] = [
  resultCase('put and get', 'values come in the order of the keys, with gaps where there is none', async (results) => {
    await results.put([kept('a', 1, 11), kept('a', 2, 12), kept('b', 1, 21)]);
    await results.put([]);
    const keys = [key('b', 1), key('a', 3), key('a', 1), key('nobody', 1), key('a', 2), key('b', 1)];
    assert.deepEqual(await read(results, ...keys), [21, undefined, 11, undefined, 12, 21]);
    assert.deepEqual(await results.get([], NOW), []);
  }),

  resultCase('put and get', 'the same key again replaces, its expiry too', async (results) => {
    await results.put([kept('a', 1, 1), { ...kept('b', 1, 1), expiresAt: NOW + 10 }]);
    await results.put([{ ...kept('a', 1, 2), expiresAt: NOW + 10 }, kept('b', 1, 2)]);
    assert.deepEqual(await read(results, key('a', 1), key('b', 1)), [2, 2]);
    const later = await results.get([key('a', 1), key('b', 1)], NOW + 10);
    assert.deepEqual(
      later.map((value) => value?.[0]),
      [undefined, 2],
    );
    assert.equal(await results.sweep(NOW + 10, 10), 1);
    assert.deepEqual(await read(results, key('a', 1), key('b', 1)), [undefined, 2]);
  }),

  resultCase('put and get', 'of one key twice in a call the later one stays', async (results) => {
    await results.put([kept('a', 1, 1), kept('a', 1, 2)]);
    assert.deepEqual(await read(results, key('a', 1)), [2]);
  }),

  resultCase('put and get', 'a superseded lease never hides the accepted one', async (results) => {
    await results.put([kept('a', 7, 7)]);
    await results.put([kept('a', 3, 3)]);
    assert.deepEqual(await read(results, key('a', 7)), [7]);
  }),

  resultCase('put and get', 'leases up to 2^53 stay apart', async (results) => {
    const [last, next] = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1];
    await results.put([kept('a', last, 1), kept('a', next, 2)]);
    assert.deepEqual(await read(results, key('a', last), key('a', next)), [1, 2]);
  }),

  resultCase('expiry', 'an expired result is not read, and swept within the limit', async (results) => {
    const rows = [1, 2, 3, 4, 5].map((lease) => ({
      ...kept('a', lease, lease),
      expiresAt: lease === 5 ? null : NOW + lease,
    }));
    await results.put(rows);
    const values = await results.get(
      rows.map(({ id, lease }) => ({ id, lease })),
      NOW + 3,
    );
    assert.deepEqual(
      values.map((value) => value?.[0]),
      [undefined, undefined, undefined, 4, 5],
    );
    assert.equal(await results.sweep(NOW, 10), 0);
    assert.equal(await results.sweep(NOW + 3, 2), 2);
    assert.equal(await results.sweep(NOW + 3, 2), 1);
    assert.equal(await results.sweep(NOW + 3, 2), 0);
    assert.deepEqual(await read(results, key('a', 4), key('a', 5)), [4, 5]);
  }),

  resultCase('remove', 'all results of a task go, or those below a lease', async (results) => {
    await results.put(
      [1, 2, 3].flatMap((lease) => [kept('a', lease, lease), kept('b', lease, lease), kept('c', lease, lease)]),
    );
    await results.remove([{ id: 'a' }, { id: 'b', below: 3 }, { id: 'nobody' }]);
    const keys = ['a', 'b', 'c'].flatMap((id) => [1, 2, 3].map((lease) => key(id, lease)));
    assert.deepEqual(await read(results, ...keys), [undefined, undefined, undefined, undefined, undefined, 3, 1, 2, 3]);
  }),

  resultCase('hostile names', 'as ids, they stay apart', async (results) => {
    await results.put(hostileNames.map((id, n) => kept(id, 1, n)));
    const values = await read(results, ...hostileNames.map((id) => key(id, 1)));
    assert.deepEqual(
      values,
      hostileNames.map((_, n) => n),
    );
    await results.remove([{ id: '%' }, { id: '*' }, { id: '_' }]);
    const left = await read(results, ...hostileNames.map((id) => key(id, 1)));
    assert.equal(left.filter((value) => value === undefined).length, 3);
  }),

  resultCase('bytes', 'bytes come back exactly', async (results) => {
    await results.put(samples.map((value, n) => ({ id: `r${n}`, lease: 1, value, expiresAt: null })));
    const values = await results.get(
      samples.map((_, n) => key(`r${n}`, 1)),
      NOW,
    );
    samples.forEach((sample, n) => same(values[n] ?? null, sample));
  }),
];

function key(id: string, lease: number): { id: string; lease: number } {
  return { id, lease };
}

function kept(
  id: string,
  lease: number,
  value: number,
): { id: string; lease: number; value: Uint8Array; expiresAt: null } {
  return { id, lease, value: bytes(value), expiresAt: null };
}

async function read(
  results: ResultStore,
  ...keys: readonly { id: string; lease: number }[]
): Promise<(number | undefined)[]> {
  return (await results.get(keys, NOW)).map((value) => value?.[0]);
}
