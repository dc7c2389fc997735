import { checkHistory, historyOf, printVerdict, type CheckOptions, type Line } from '@omniq/testkit/history';
import { describe, expect, test } from 'vitest';
import { brokenLives } from './broken-lives.ts';
import { brokenTurns } from './broken-turns.ts';
import { innocentLives } from './innocent-lives.ts';
import { innocentTurns } from './innocent-turns.ts';
import { Script } from './script.ts';

const broken = { ...brokenLives, ...brokenTurns };
const innocent = { ...innocentLives, ...innocentTurns };

describe.each(Object.entries(broken))('%s is found', (rule, examples) => {
  test.each(examples)('$title', ({ write, options = {} }) => {
    const script = new Script();
    write(script, script.process('a'), script.process('b'));
    expect(script.rules(options)).toEqual([rule]);
    // What is shown of it breaks the same promise by itself.
    for (const { ids, lines, history } of checkHistory(script.history, options).violations) {
      expect(ids.length).toBeGreaterThan(0);
      expect(lines).toHaveLength(history.length);
      expect(rulesOf(script, history, options)).toContain(rule);
    }
  });
});

function rulesOf(script: Script, lines: readonly Line[], options: CheckOptions): string[] {
  const headers = script.history.lines.filter(({ record }) => record.op === 'store');
  return checkHistory({ lines: [...headers, ...lines], torn: [] }, options).violations.map(({ rule }) => rule);
}

describe.each(Object.entries(innocent))('not %s', (_rule, examples) => {
  test.each(examples)('$title', ({ write, options = {}, duplicates = 0 }) => {
    const script = new Script();
    write(script, script.process('a'), script.process('b'));
    const verdict = checkHistory(script.history, options);
    expect(verdict.violations).toEqual([]);
    expect(verdict.duplicates).toBe(duplicates);
  });
});

test('every rule has what breaks it and what only seems to', () => {
  expect(Object.keys(broken).sort()).toEqual(Object.keys(innocent).sort());
  expect(Object.keys(broken)).toHaveLength(17);
});

test('what is shown is the fewest lines, in the order of their time', () => {
  const script = new Script();
  const [a, b] = [script.process('a'), script.process('b')];
  for (const n of [1, 2, 3]) a.life(`other-${n}`, n);
  a.enqueue('t');
  a.claim([
    { id: 't', lease: 4 },
    { id: 'other-1', lease: 1 },
  ]);
  b.settle('t', 4, 'completed', 'refused');
  a.settle('t', 4, 'completed');
  b.settle('t', 4, 'completed');
  const verdict = checkHistory(script.history);
  const [violation] = verdict.violations.filter(({ rule }) => rule === 'double-terminal');
  expect(
    violation?.history.map(({ record }) => ('phase' in record ? `${record.op} ${record.phase}` : record.op)),
  ).toEqual(['settle invoke', 'settle ok', 'settle invoke', 'settle ok']);
  const printed = printVerdict(verdict);
  expect(printed).toContain('VIOLATION double-terminal: two ends of t were accepted');
  for (const line of violation?.lines ?? []) expect(printed).toContain(line);
});

test('a name commands no terminal', () => {
  const script = new Script();
  script.process('a').enqueue('t\u001b[31m\u202E');
  expect(printVerdict(checkHistory(script.history))).toMatch(/^[\n -~]*t\\u001b\[31m\\u202e[\n -~]*$/);
});

test('an outcome without its invocation is no history', () => {
  expect(() => checkHistory(historyOf({ a: [{ at: 1, op: 'enqueue', call: 3, phase: 'ok' }] }))).toThrow('a:1');
});
