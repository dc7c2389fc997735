import { checkHistory, historyOf, printVerdict, type RuleName } from '@omniq/testkit/history';
import { expect, test } from 'vitest';
import { corruptions } from './corruptions.ts';
import { Fleet, randomFrom, SKEW_MS } from './fleet.ts';
import type { Bug } from './model-store.ts';
import { copyOf } from './written-copy.ts';

const SEEDS = 60;

test('what a store that keeps its promises leads to is accepted', async () => {
  const sum = { acked: 0, started: 0, ended: 0, duplicates: 0, lines: 0 };
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const { history, snapshot } = await Fleet.run(seed);
    const verdict = checkHistory(history, { snapshot, skewMs: SKEW_MS });
    expect(`seed ${seed} ${printVerdict(verdict)}`).toMatch(/ 0 violations$/);
    for (const key of ['acked', 'started', 'ended', 'duplicates'] as const) sum[key] += verdict[key];
    sum.lines += history.lines.length;
  }
  console.log(`${SEEDS} histories accepted: ${JSON.stringify(sum)}`);
  expect(sum.duplicates).toBeGreaterThan(SEEDS);
});

test('one thing changed at random in such a history is found', async () => {
  let made = 0;
  const missed: string[] = [];
  const kinds = new Set<string>();
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const written = await Fleet.run(seed);
    for (const { rule, title, apply } of corruptions) {
      const copy = copyOf(written);
      const changed = apply(copy, randomFrom(seed));
      if (changed === null || changed === undefined) continue;
      made += 1;
      kinds.add(title);
      const snapshot = changed.snapshot ?? written.snapshot;
      const { violations } = checkHistory(historyOf(copy.records), { snapshot, skewMs: SKEW_MS });
      if (!violations.some((violation) => violation.rule === rule)) missed.push(`${seed}: ${title}`);
    }
  }
  console.log(`corruptions found: ${made - missed.length} of ${made}, of ${kinds.size} kinds`);
  expect(missed).toEqual([]);
  expect(kinds.size).toBe(corruptions.length);
});

const bugs: Readonly<Record<Bug, readonly RuleName[]>> = {
  'acknowledges and drops': ['lost'],
  'no fence': ['stale-settle', 'double-terminal'],
  'ends twice': ['double-terminal'],
  'leases repeat': ['lease'],
  'grants what is held': ['overlap'],
  'early by a second': ['early'],
  'claims what has expired': ['expired'],
  'claims what was cancelled': ['cancelled'],
  'ignores pauses': ['paused'],
  'lowest priority first': ['order'],
  'one over the limit': ['limit'],
  'one over the limit of a key': ['limit'],
  'order keys run together': ['order-key'],
  'unique keys are not kept': ['unique'],
  'payloads are mixed up': ['invented'],
};

test.each(Object.entries(bugs))('a store that breaks a promise is found: %s', async (bug, rules) => {
  const found = new Set<string>();
  let guilty = 0;
  for (let seed = 0; seed < 24; seed += 1) {
    const { history, snapshot } = await Fleet.run(seed, bug as Bug);
    const { violations } = checkHistory(history, { snapshot, skewMs: SKEW_MS });
    violations.forEach(({ rule }) => found.add(rule));
    if (violations.some(({ rule }) => rules.includes(rule))) guilty += 1;
  }
  console.log(`${bug}: found in ${guilty} of 24 histories, as ${[...found].join(', ')}`);
  expect([...found]).toEqual(expect.arrayContaining([rules[0]]));
});
