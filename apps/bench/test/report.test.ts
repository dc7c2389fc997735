import { expect, test } from 'vitest';
import { resultsOf, type Sample } from '../src/report.ts';
import { renderMarkdown } from '../src/markdown.ts';
import { renderReport } from '../src/table.ts';

const raw = { name: 'raw', store: 'memory', settings: 'none', raw: 'raw', packages: [] } as const;
const peer = { name: 'peer', store: 'memory', settings: 'batch 5', raw: 'raw', packages: ['peer'] } as const;

function sample(system: Sample['system'], repetition: number, value: number, cpuMicros?: number): Sample {
  const of = { system, repetition, workload: 'drain', unit: 'tasks/s', value } as const;
  return cpuMicros === undefined ? of : { ...of, cpuMicros };
}

test('the share of the raw limit is taken within each repetition, so a slow one does not distort it', () => {
  const samples = [
    sample(raw, 1, 1000),
    sample(peer, 1, 500, 4),
    sample(raw, 2, 100),
    sample(peer, 2, 60, 6),
    sample(raw, 3, 900),
    sample(peer, 3, 360, 5),
  ];
  const [, result] = resultsOf(samples, ({ name }) => `${name} 1.0`);
  const figures = { median: 360, min: 60, max: 500, shareOfRaw: 0.5, cpuMicros: 5, repetitions: 3 };
  const whose = { store: 'memory', system: 'peer', version: 'peer 1.0', workload: 'drain', unit: 'tasks/s' };
  expect(result).toEqual({ ...whose, ...figures, settings: 'batch 5' });
});

test('what several processes did is told as a multiple of what one did in the same repetition', () => {
  const together = (repetition: number, value: number): Sample => {
    return { ...sample(peer, repetition, value, 9), workload: 'drain-4', rssMb: 70 + repetition };
  };
  const alone = [sample(peer, 1, 100, 4), sample(peer, 2, 10, 4), sample(peer, 3, 200, 4)];
  const results = resultsOf([...alone, together(1, 90), together(2, 30), together(3, 100)], () => '');
  const [one, several] = results;
  expect(one).not.toHaveProperty('shareOfOne');
  expect(several).toMatchObject({ workload: 'drain-4', shareOfOne: 0.9, rssMb: 72, cpuMicros: 9 });
  const machine = { cpu: 'c', cores: 2, memoryGb: 4, freeMemoryGb: 2, os: 'o', node: 'v24', loadBefore: 0, at: '' };
  const text = renderReport({ profile: 'quick', machine, versions: {}, results, failures: [] });
  expect(text).toContain('0.90 x one');
  expect(text).toMatch(/9\.0 us, 72 MB/);
});

test('a repetition in which the raw limit failed has no share, and no raw limit at all is told as null', () => {
  const once = resultsOf([sample(raw, 1, 100), sample(peer, 1, 50), sample(peer, 2, 99)], () => '');
  expect(once.map(({ shareOfRaw, repetitions }) => [shareOfRaw, repetitions])).toEqual([
    [1, 1],
    [0.5, 2],
  ]);
  expect(resultsOf([sample(peer, 1, 50)], () => '')[0]?.shareOfRaw).toBeNull();
});

test('the table has a line a system, tells failures once with what they struck, and warns of a busy machine', () => {
  const machine = { cpu: 'c', cores: 2, memoryGb: 4, freeMemoryGb: 2, os: 'o', node: 'v24', loadBefore: 1, at: '' };
  const failure = { store: 'memory', system: 'peer', message: 'Broken.\n  at x' };
  const failures = ['drain', 'latency', 'drain'].map((workload) => ({ ...failure, workload }));
  const results = resultsOf([sample(raw, 1, 100_000), sample(peer, 1, 50_000)], () => '');
  const text = renderReport({ profile: 'quick', machine, versions: { node: '24' }, results, failures });
  expect(text).toMatch(/peer .*50\.0k \(50\.0k-50\.0k\)[^]*50 %/);
  expect(text.match(/FAILED.*/g)).toEqual(['FAILED peer: Broken. (drain, latency)']);
  expect(text).toContain('others are at work');
});

function of(name: string, workload: string, values: readonly number[], over: Partial<Sample> = {}): Sample[] {
  const isPeer = name.startsWith('peer');
  const system = { ...raw, name, raw: 'raw', ...(isPeer && { peer: true as const }) };
  return values.map((value, i) => ({ system, repetition: i + 1, workload, unit: 'tasks/s', value, ...over }));
}

test('the best peer is that with the best median, and the ratio to it is taken within each repetition', () => {
  const samples = [
    ...of('raw', 'drain', [100, 100, 100]),
    ...of('peer a', 'drain', [10, 20, 30]),
    ...of('peer b', 'drain', [90, 19, 5]),
    ...of('ours', 'drain', [30, 40, 45]),
  ];
  const [limit, a, b, ours] = resultsOf(samples, () => '');
  expect(ours).toMatchObject({ bestPeer: 'peer a', shareOfBestPeer: 2 });
  expect(limit).toMatchObject({ bestPeer: 'peer a', shareOfBestPeer: 5 });
  for (const one of [a, b]) {
    expect(one).toMatchObject({ peer: true });
    expect(one).not.toHaveProperty('bestPeer');
  }
});

test('of what is no rate the least is best, and a nothing to compare with gives no ratio', () => {
  const us = { unit: 'us/task' } as const;
  const samples = [
    ...of('raw', 'cost-cpu', [0, 0], us),
    ...of('peer a', 'cost-cpu', [60, 60], us),
    ...of('peer b', 'cost-cpu', [40, 40], us),
    ...of('ours', 'cost-cpu', [10, 10], us),
  ];
  const [, , , ours] = resultsOf(samples, () => '');
  expect(ours).toMatchObject({ bestPeer: 'peer b', shareOfBestPeer: 0.25, shareOfRaw: null });
});

test('durability stands beside the settings of each row', () => {
  const system = { ...peer, durability: 'appendonly=no' };
  const [result] = resultsOf([{ ...sample(raw, 1, 5), system }], () => '');
  expect(result?.settings).toBe('batch 5, appendonly=no');
});

test('Markdown has a table a store, with both ratios, and every system with its version and settings', () => {
  const machine = { cpu: 'c', cores: 2, memoryGb: 4, freeMemoryGb: 2, os: 'o', node: 'v24', loadBefore: 1, at: '' };
  const samples = [
    ...of('raw', 'drain', [100_000]),
    ...of('peer a', 'drain', [20_000]),
    ...of('peer b', 'drain', [5000]),
    ...of('ours', 'drain', [50_000]),
    ...of('ours', 'cost-wal', [400], { unit: 'B/task' }),
  ];
  const results = resultsOf(samples, ({ name }) => `${name} 1.0`);
  const failures = [{ store: 'memory', system: 'peer b', workload: 'idle', message: 'Broken.\n  at x' }];
  const text = renderMarkdown({ profile: 'quick', machine, versions: { memory: '7.0 fsync=on' }, results, failures });
  expect(text.split('\n').slice(0, 8)).toEqual([
    '### memory 7.0 fsync=on',
    '',
    '| system | drain, 1 worker | WAL, bytes/task |',
    '| --- | ---: | ---: |',
    '| raw | 100k (100 %), 5.0 x | - |',
    '| peer a | **20.0k** (20 %) | - |',
    '| peer b | 5.00k (5.0 %) | - |',
    '| ours | 50.0k (50 %), 2.5 x | 400 |',
  ]);
  expect(text).toContain('- peer a (peer a 1.0): none');
  expect(text).toContain('Failed: peer b under idle (Broken.).');
});
