import { expect, test } from 'vitest';
import { quantile, summarize } from '../src/statistics.ts';
import { rounded } from '../src/table.ts';

test('the median of an odd count is the middle value, of an even count the mean of the two', () => {
  expect(summarize([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
  expect(summarize([40, 10, 20, 30])).toEqual({ median: 25, min: 10, max: 40 });
  expect(summarize([7])).toEqual({ median: 7, min: 7, max: 7 });
});

test('values are ordered as numbers, not as text, and left as they were', () => {
  const values = [100, 9, 25];
  expect(summarize(values)).toEqual({ median: 25, min: 9, max: 100 });
  expect(values).toEqual([100, 9, 25]);
});

test('quantiles are interpolated between the two nearest values', () => {
  const values = Array.from({ length: 101 }, (_, i) => i);
  expect(quantile(values, 0.99)).toBe(99);
  expect(quantile([0, 10], 0.25)).toBe(2.5);
  expect(quantile(values, 0)).toBe(0);
  expect(quantile(values, 1)).toBe(100);
});

test('without a measurement there is no figure', () => {
  expect(() => summarize([])).toThrow(RangeError);
});

test('figures keep two to three digits', () => {
  expect([0.0421, 3.14159, 512.6, 9876, 31_234, 1_234_567].map(rounded)).toEqual([
    '0.042',
    '3.1',
    '513',
    '9.88k',
    '31.2k',
    '1235k',
  ]);
});
