import { PassThrough } from 'node:stream';
import { beforeEach, afterEach, expect, test, vi } from 'vitest';
import { progressLine } from '../src/progress-line.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const half = { total: 10, completed: 5, failed: 0, cancelled: 0, active: 5 };

test('outside of a terminal it writes a line a second, however often it is shown', () => {
  const stream = new PassThrough();
  const line = progressLine(stream as unknown as NodeJS.WriteStream);
  for (let ms = 0; ms < 3_500; ms += 100) {
    line.show(half);
    vi.advanceTimersByTime(100);
  }
  line.clear();
  const lines = String(stream.read()).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^█{12}░{12} 50 % {2}5 of 10 tasks/);
});

test('in a terminal it draws over itself', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 200, rows: 50 });
  const line = progressLine(stream as unknown as NodeJS.WriteStream);
  line.show({ ...half, total: 1, completed: 0 });
  line.show(half);
  line.clear();
  const written = String(stream.read());
  expect(written).toContain('scanning');
  expect(written).toContain('50 %');
  expect(written).toContain('\u001b[');
});
