import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { locate } from '../src/location.ts';

test.each([
  ['file:./jobs', './jobs'],
  ['file:jobs', 'jobs'],
  ['./jobs', './jobs'],
  ['./a?b', './a?b'],
  ['file:/var/lib/jobs', '/var/lib/jobs'],
  ['file:///var/lib/jobs', '/var/lib/jobs'],
  ['file:./a%20b%3Fc', './a b?c'],
])('%s opens %s', (url, folder) => {
  expect(locate(url)).toEqual({ folder: resolve(folder), durability: 'full', tasks: true });
});

test('options of the query count, and those given count more', () => {
  expect(locate('file:./jobs?durability=none&tasks=false')).toMatchObject({ durability: 'none', tasks: false });
  expect(locate('file:./jobs?durability=none', { durability: 'full', tasks: undefined })).toMatchObject({
    durability: 'full',
    tasks: true,
  });
});

test.each(['file:', 'file://', 'file://host/share', 'file:%00', 'file:%zz', '', './a\0b'])('%j is refused', (url) => {
  expect(() => locate(url)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});

test.each([{ durability: 'some' }, { tasks: 'maybe' }, { tasks: 1 }, { unknown: 1 }])('%j is refused', (options) => {
  expect(() => locate('file:./jobs', options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});
