import { expect, test } from 'vitest';
import { Sequence } from '../../src/machine/sequence.ts';

test('a sequence gives what is left from any place, both ways, however much is gone', () => {
  const sequence = new Sequence<{ seq: number; gone: boolean }>();
  const items = Array.from({ length: 1_000 }, (_, n) => ({ seq: n * 2 + 1, gone: false }));
  items.forEach((item) => sequence.append(item));
  for (const stride of [7, 3, 2, 1.01]) {
    for (let n = 0; n < items.length; n += stride) sequence.remove(items[Math.floor(n)] as (typeof items)[0]);
    const left = items.filter(({ gone }) => !gone).map(({ seq }) => seq);
    expect(sequence.size).toBe(left.length);
    for (const place of [undefined, 0, 1, 500, 501, 1_999, 5_000]) {
      expect(Array.from(sequence.oldest(place), ({ seq }) => seq)).toEqual(left.filter((seq) => seq > (place ?? -1)));
      expect(Array.from(sequence.newest(place), ({ seq }) => seq)).toEqual(
        left.filter((seq) => seq < (place ?? Number.POSITIVE_INFINITY)).reverse(),
      );
    }
  }
});
