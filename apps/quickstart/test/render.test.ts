import { expect, test } from 'vitest';
import { printable, renderReport, size } from '../src/render.ts';
import { quantiles, type Report } from '../src/report.ts';

const report: Report = {
  files: 12_345,
  bytes: 5e8,
  words: 42,
  duplicates: 7,
  redundantBytes: 900,
  unreadable: 4,
  unreadablePaths: ['w', 'x', 'y', 'z'].map((path) => [path, 'EACCES'] as const),
  largest: [{ path: `${'very/'.repeat(40)}large.bin`, bytes: 1_000_000, words: 0 }],
  mostDuplicated: [{ path: 'evil\u001b[31m\nname', copies: 3, bytes: 10, sha256: 'ab' }],
  digest: 'd1gest',
  folder: '/some/folder',
  run: 'quickstart-1',
  tasks: 100,
  completed: 60,
  resumed: true,
  finishedBefore: false,
  rescued: 8,
  seconds: 2,
  throughput: { tasks: 30, files: 6_000, megabytes: 250 },
  latency: { wait: { p50: 5, p99: 50 }, run: null },
};

test('tells what was found, what was slow, and what a kill left behind', () => {
  const text = renderReport(report);
  expect(text).toContain('12,345 files, 500.0 MB, 42 words below /some/folder');
  expect(text).toContain('4 could not be read: w (EACCES), x (EACCES), y (EACCES), …');
  expect(text).toContain('60 tasks of 100, the others before in 2.0 s: 30 tasks/s, 6,000 files/s, 250 MB/s');
  expect(text).toContain('8 tasks that a killed process had taken were taken up again');
  expect(text).toContain('waited 5 ms (p99 50 ms) in the queue and ran -');
  expect(text).toContain('large.bin');
  expect(text).toContain('digest d1gest');
});

test('a file name gets no command to the terminal', () => {
  expect(renderReport(report)).not.toContain('\u001b');
  expect(printable('a\u001b[31mb\nc\u202Ed')).toBe('ab\uFFFDc\uFFFDd');
});

test('a run that was finished before says so', () => {
  expect(renderReport({ ...report, finishedBefore: true })).toContain(
    'finished before with 100 tasks; --fresh begins anew',
  );
});

test('sizes are short', () => {
  expect([0, 999, 1_000, 1.25e6, 3e9].map((bytes) => size(bytes))).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.3 MB',
    '3.00 GB',
  ]);
});

test('quantiles are values that occurred', () => {
  expect(quantiles([])).toBeNull();
  expect(quantiles([3])).toEqual({ p50: 3, p99: 3 });
  expect(quantiles(Array.from({ length: 100 }, (_, n) => 100 - n))).toEqual({ p50: 50, p99: 99 });
});
