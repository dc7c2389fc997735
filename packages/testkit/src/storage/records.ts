import assert from 'node:assert/strict';
import type { RecordStore } from '@omniq/core/storage';
import type { ConformanceCase, Opened } from './case.ts';
import { hostileNames } from './hostile-names.ts';
import { same, samples } from './samples.ts';
import { shuffled } from './random.ts';
import { bytes } from './rows.ts';

function recordCase(
  feature: string,
  title: string,
  body: (records: RecordStore, backend: Opened) => Promise<void>,
): ConformanceCase {
  return {
    store: 'records',
    feature,
    title,
    async run(open) {
      const backend = await open();
      if (backend.records === undefined) return 'absent';
      await body(backend.records, backend);
      return 'proved';
    },
  };
}

export const recordCases: readonly ConformanceCase[] = [
  recordCase(
    'compare-and-set',
    'a tag replaces only its version, null only creates, none always writes',
    async (records) => {
      assert.equal(await records.get('a'), undefined);
      assert.equal(await records.put('a', bytes(0), 'some tag'), null, 'nothing to replace');
      const first = await records.put('a', bytes(1), null);
      assert.ok(typeof first === 'string');
      assert.equal(await records.put('a', bytes(2), null), null, 'there already');
      const second = await records.put('a', bytes(2), first);
      assert.ok(typeof second === 'string' && second !== first);
      assert.equal(await records.put('a', bytes(3), first), null, 'an old tag');
      assert.deepEqual([...((await records.get('a'))?.value ?? [])], [2]);
      assert.equal((await records.get('a'))?.tag, second);
      const third = await records.put('a', bytes(4));
      assert.ok(typeof third === 'string' && third !== second);
      assert.equal((await records.get('a'))?.value[0], 4);
    },
  ),

  recordCase('compare-and-set', 'the same bytes again make a new tag', async (records) => {
    const tags = [await records.put('a', bytes(1)), await records.put('a', bytes(1)), await records.put('a', bytes(1))];
    assert.equal(new Set(tags).size, 3);
    assert.equal(await records.put('a', bytes(2), tags[0] as string), null);
  }),

  recordCase('compare-and-set', 'a record is deleted under its tag or under none, once', async (records) => {
    const first = await records.put('a', bytes(1));
    const second = await records.put('a', bytes(2));
    assert.equal(await records.delete('a', first as string), false);
    assert.equal(await records.delete('a', second as string), true);
    assert.equal(await records.delete('a', second as string), false);
    assert.equal(await records.delete('a'), false);
    await records.put('a', bytes(3));
    assert.equal(await records.delete('a'), true);
    assert.equal(await records.get('a'), undefined);
  }),

  recordCase(
    'compare-and-set',
    'a record that was deleted and made again does not take an old tag',
    async (records) => {
      const first = await records.put('a', bytes(1), null);
      await records.delete('a');
      assert.equal(await records.put('a', bytes(2), first), null, 'nothing to replace');
      const again = await records.put('a', bytes(1), null);
      assert.notEqual(again, first);
      assert.equal(await records.put('a', bytes(2), first), null);
      assert.equal(await records.delete('a', first as string), false);
    },
  ),

  recordCase(
    'compare-and-set',
    'of eight that put on one tag one wins; no increment is lost',
    async (records, { again }) => {
      const others = again === undefined ? [] : await Promise.all(Array.from({ length: 7 }, again));
      const racers = [records, ...others.map((other) => other.records ?? records)];
      while (racers.length < 8) racers.push(records);
      const created = await Promise.all(racers.map((racer) => racer.put('count', bytes(0), null)));
      assert.equal(created.filter((tag) => tag !== null).length, 1);
      await Promise.all(
        racers.map(async (racer) => {
          for (let done = 0, tries = 0; done < 5 && tries < 1_000; tries += 1) {
            const record = await racer.get('count');
            if (record === undefined) continue;
            if ((await racer.put('count', bytes((record.value[0] ?? 0) + 1), record.tag)) !== null) done += 1;
          }
        }),
      );
      assert.equal((await records.get('count'))?.value[0], 40);
    },
  ),

  recordCase('list', 'keys that start with a prefix come in byte order, page by page', async (records) => {
    const keys = ['a', 'a/', 'a/1', 'a/10', 'a/2', 'a/B', 'a/b', 'a0', 'b'];
    for (const key of shuffled(keys)) await records.put(key, bytes(1));
    assert.deepEqual(await records.list('', null, 100), keys);
    assert.deepEqual(await records.list('a/', null, 100), keys.slice(1, 7));
    assert.deepEqual(await records.list('a/', 'a/10', 2), ['a/2', 'a/B']);
    assert.deepEqual(await records.list('a/', 'a/11', 2), ['a/2', 'a/B'], 'from after a key that is not there');
    assert.deepEqual(await records.list('a/', 'a/b', 9), []);
    assert.deepEqual(await records.list('a/', null, 1), ['a/']);
    assert.deepEqual(await records.list('nobody', null, 9), []);
    await records.delete('a/2');
    assert.deepEqual(await records.list('a/', 'a/10', 9), ['a/B', 'a/b']);
    await records.put('a/A', bytes(1));
    assert.deepEqual(await records.list('a/', 'a/10', 9), ['a/A', 'a/B', 'a/b']);
  }),

  recordCase('list', 'wildcards in a prefix stand for themselves', async (records) => {
    for (const key of ['a%b', 'axb', 'a_b', 'a*b', 'a?b', 'a[x]b', 'a\\b']) await records.put(key, bytes(1));
    for (const prefix of ['a%', 'a_', 'a*', 'a?', 'a[', 'a\\']) {
      assert.deepEqual(await records.list(prefix, null, 9), [
        ['a%b', 'a_b', 'a*b', 'a?b', 'a[x]b', 'a\\b'].find((key) => key.startsWith(prefix)),
      ]);
    }
    assert.deepEqual(await records.list('A', null, 9), [], 'case counts');
  }),

  recordCase('list', 'byte order is that of UTF-8', async (records) => {
    const keys = ['Z', 'a', 'z', '\u00e9', '\u4f60', '\uff5e', '\ufffd', '\u{10000}', '\u{1f600}'];
    for (const key of shuffled(keys)) await records.put(key, bytes(1));
    assert.deepEqual(await records.list('', null, 100), keys);
    assert.deepEqual(await records.list('', '\ufffd', 100), keys.slice(7));
  }),

  recordCase('hostile names', 'as keys, they stay apart', async (records) => {
    for (const [n, key] of hostileNames.entries()) assert.notEqual(await records.put(key, bytes(n), null), null, key);
    for (const [n, key] of hostileNames.entries()) assert.equal((await records.get(key))?.value[0], n, key);
    const sorted = [...hostileNames].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(await records.list('', null, 1_000), sorted);
    for (const key of hostileNames) {
      const expected = sorted.filter((each) => each.startsWith(key));
      assert.deepEqual(await records.list(key, null, 1_000), expected, `with the prefix ${key}`);
    }
    assert.equal(await records.delete('*'), true);
    assert.equal((await records.list('', null, 1_000)).length, hostileNames.length - 1);
  }),

  recordCase('hostile names', 'keys of 512 characters are told apart by the last', async (records) => {
    const long = 'k'.repeat(511);
    await records.put(`${long}a`, bytes(1));
    await records.put(`${long}b`, bytes(2));
    assert.equal((await records.get(`${long}a`))?.value[0], 1);
    assert.deepEqual(await records.list(long, `${long}a`, 9), [`${long}b`]);
  }),

  recordCase('bytes', 'bytes come back exactly', async (records) => {
    for (const [n, value] of samples.entries()) {
      await records.put(`r${n}`, value);
      same((await records.get(`r${n}`))?.value ?? null, value);
    }
  }),
];
