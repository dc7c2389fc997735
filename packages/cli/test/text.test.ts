import { describe, expect, test } from 'vitest';
import { cleanLines, cleanText, shorten } from '../src/text/clean-text.ts';
import { formatSpan, formatTime } from '../src/text/format-time.ts';
import { jsonText } from '../src/text/json-text.ts';
import { tableText } from '../src/text/table.ts';

// oxlint-disable-next-line no-control-regex
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;
const every =
  Array.from({ length: 0x2100 }, (_, code) => String.fromCodePoint(code)).join('') + '\u2066\u2069\ufeff\ud800';

describe('hostile text', () => {
  test('keeps nothing that a terminal obeys, whichever way it is told', () => {
    for (const text of [
      cleanText(every),
      cleanLines(every),
      jsonText({ [every]: [every] }, 2),
      tableText(['A'], [[every]]),
    ]) {
      expect(text).not.toMatch(obeyed);
    }
    expect(cleanText(every)).not.toContain('\n');
  });

  test('is shown, not swallowed', () => {
    expect(cleanText('a\u001b[31mb\u009b0m')).toBe(String.raw`a\u001b[31mb\u009b0m`);
    expect(cleanLines('one\r\n\ttwo\rthree')).toBe(String.raw`one` + '\n    two' + String.raw`\u000dthree`);
  });

  test('leaves letters of all languages alone', () => {
    expect(cleanText('naïve Ωmega 日本語 🎉')).toBe('naïve Ωmega 日本語 🎉');
  });

  test('does not outgrow its cell', () => {
    expect(shorten('x'.repeat(10), 5)).toBe('xxxx…');
    expect(tableText(['A'], [['x'.repeat(500)]]).split('\n')[1]).toHaveLength(200);
  });
});

describe('JSON of what tasks carry', () => {
  test('is what JSON would be, for what JSON has', () => {
    const value = { a: [1, 'two', null, true], b: { c: 0.5 }, quote: '"\\\u0007' };
    expect(JSON.parse(jsonText(value))).toEqual(value);
    expect(jsonText(value, 2)).toBe(JSON.stringify(value, null, 2));
  });

  test('has a word for what JSON has not', () => {
    const value = {
      big: 2n ** 70n,
      date: new Date(0),
      never: new Date(Number.NaN),
      bytes: new Uint8Array([1, 2, 255]),
      map: new Map([['k', 1n]]),
      set: new Set([1]),
      error: new TypeError('no', { cause: new Error('why') }),
      hole: undefined,
    };
    expect(JSON.parse(jsonText(value))).toEqual({
      big: '1180591620717411303424',
      date: '1970-01-01T00:00:00.000Z',
      never: null,
      bytes: 'AQL/',
      map: [['k', '1']],
      set: [1],
      error: { name: 'TypeError', message: 'no', cause: { name: 'Error', message: 'why' } },
    });
    expect(jsonText(undefined)).toBe('null');
  });

  test('ends with a value inside itself, and repeats one that is only shared', () => {
    const shared = { s: 1 };
    const value: Record<string, unknown> = { one: shared, two: shared };
    value['self'] = value;
    expect(JSON.parse(jsonText(value))).toEqual({ one: { s: 1 }, two: { s: 1 }, self: '[cycle]' });
  });

  test('keeps a key __proto__ a key', () => {
    expect(jsonText(JSON.parse('{"__proto__":{"admin":true}}'))).toBe('{"__proto__":{"admin":true}}');
  });
});

test('times are told in UTC and spans in the unit that fits', () => {
  expect(formatTime(0)).toBe('1970-01-01 00:00:00Z');
  expect(formatTime(null)).toBe('-');
  expect(formatTime(1e20)).toBe('100000000000000000000');
  expect([12, 3_400, 312_000, 7_380_000].map(formatSpan)).toEqual(['12 ms', '3.4 s', '5m 12s', '2h 03m']);
});
