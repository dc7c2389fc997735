import { describe, expect, test } from 'vitest';
import { checkId, checkKey, checkName } from '../../src/storage/names.ts';

describe.each([
  ['checkId', checkId, 128, 256],
  ['checkName', checkName, 128, 256],
  ['checkKey', checkKey, 512, 1024],
] as const)('%s', (_, check, length, bytes) => {
  test.each([
    'a',
    'images.resize',
    "'; DROP TABLE tasks; --",
    '../../etc/passwd',
    'a/b\\c',
    'a.b.*.>',
    ' spaces ',
    '__proto__',
    'CON',
    '%00',
    'ünïcödé 漢字 😀',
    '\uFEFFmark',
    'x'.repeat(length),
    'é'.repeat(bytes / 2),
  ])('carries %j', (name) => {
    expect(check(name, 'thing')).toBe(name);
  });

  test.each([
    ['nothing', '', /is empty/],
    ['too many characters', 'x'.repeat(length + 1), new RegExp(`has ${length + 1} characters`)],
    ['too many bytes', `${'漢'.repeat(Math.floor(bytes / 3))}漢`, /takes \d+ bytes/],
    ['64 kB', 'x'.repeat(65_536), /has 65536 characters/],
    ['NUL', 'a\u0000b', /a control character at 1/],
    ['a new line', 'line\n', /a control character at 4/],
    ['DEL', '\u007f', /a control character at 0/],
    ['an escape', '\u001b[31mred', /a control character at 0/],
    ['a C1 control', 'a\u0085', /a control character at 1/],
    ['half a surrogate pair', 'a\uD83D', /half of a surrogate pair/],
    ['a number', 7, /is of type number/],
    ['null', null, /is null/],
    ['an object', {}, /is of type object/],
  ])('refuses %s', (_what, name, why) => {
    expect(() => check(name, 'thing')).toThrow(
      expect.objectContaining({ code: 'INVALID_NAME', details: { what: 'thing' } }),
    );
    expect(() => check(name, 'thing')).toThrow(why);
    expect(() => check(name, 'thing')).toThrow(new RegExp(`^The thing .+ It takes 1 to ${length} characters`));
  });
});

test('a message shows a hostile name short, on one line and without its controls', () => {
  const hostile = `\u001b[2J\n\u202Eevil\uD800${'x'.repeat(500)}`;
  const { message } = thrownBy(() => checkName(hostile, 'queue'));
  expect(message).toContain(String.raw`"\u001b[2J\u000a\u202eevil\ud800xxx`);
  expect(message.length).toBeLessThan(300);
  // oxlint-disable-next-line no-control-regex
  expect(message).not.toMatch(/[\u0000-\u001f\u202e]/u);
});

function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('Nothing was thrown.');
}
