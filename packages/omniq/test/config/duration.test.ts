import { parseDuration } from '@omniq/core';
import { describe, expect, test } from 'vitest';

describe('a duration', () => {
  test.each([
    [250, 250],
    [0, 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['0.0004s', 0],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['1w', 604_800_000],
    ['30 days', 2_592_000_000],
    [' 1 Hour ', 3_600_000],
    ['90 min', 5_400_000],
  ])('%j is %d ms', (given, ms) => {
    expect(parseDuration(given, 'timeout')).toBe(ms);
  });

  test.each([
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    4e15,
    '',
    '5',
    '5x',
    '-5s',
    '5s5s',
    '1e3s',
    's',
    '5 mss',
    '٥s',
    `${'9'.repeat(400)}s`,
  ])('%j is refused', (given) => {
    expect(() => parseDuration(given, 'timeout')).toThrow(/^timeout is .+, which is not a duration\./u);
  });

  test('the error teaches', () => {
    expect(() => parseDuration('soon', 'timeout')).toThrow(
      "timeout is 'soon', which is not a duration. Give a number of milliseconds or a span such as '250ms', '30s', '5m', '1h', '2d' or '1w'.",
    );
  });
});
