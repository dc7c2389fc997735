import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './published.ts';

const refused: readonly [folder: string, line: string, message: string][] = [
  ['packages/core/src', "export { Engine } from './queue/engine.ts';", 'stand below everything'],
  ['packages/core/src/telemetry', "export { Engine } from '../queue/engine.ts';", 'telemetry stands below'],
  ['packages/core/src/storage', "export { Engine } from '../queue/engine.ts';", 'the contract imports nothing'],
  ['packages/core/src/storage', "export { decode } from '../codec/index.ts';", 'the contract imports nothing'],
  ['packages/core/src/storage/layers', "export { Engine } from '../../queue/engine.ts';", 'layers import the contract'],
  ['packages/core/src/model', "export { Engine } from '../queue/engine.ts';", 'models stand below the engine'],
  ['packages/core/src/codec', "export { taskStates } from '../model/state.ts';", 'codecs know bytes'],
  ['packages/core/src/events', "export { Engine } from '../queue/engine.ts';", 'stands below the engine'],
  ['packages/core/src/queue', "export { Worker } from '../worker/worker.ts';", 'the queue knows of workers only'],
  ['packages/core/src/queue', "export { memory } from '@omniq/storage-memory';", 'core imports no other package'],
  ['packages/core/src/worker', "export { memory } from '../../../storage-memory/src/index.ts';", 'no other package'],
  ['packages/core/src/worker', "export { Engine } from '../index.ts';", 'import the file itself'],
  ['packages/core/src/worker', "export { setTimeout } from 'node:timers/promises';", 'time comes in'],
  ['packages/core/src/queue', 'export const now: number = Date.now();', 'time comes in'],
  ['packages/core/src/codec', 'export const now: number = performance.now();', 'time comes in'],
  ['packages/core/src/queue', 'export const number: number = Math.random();', 'randomness comes in'],
  ['packages/core/src/worker', 'setTimeout(() => {}, 1);', "Unexpected use of 'setTimeout'"],
  ['packages/core/src/worker', "console.log('hello');", 'no-console'],
  ['packages/storage-sqlite/src', "export { Engine } from '@omniq/core';", 'a backend imports only'],
  ['packages/storage-sqlite/src', "export { decode } from '@omniq/core/codec';", 'a backend imports only'],
  ['packages/storage-sqlite/src', "export { memory } from '@omniq/storage-memory';", 'a backend imports only'],
  ['packages/storage-new/src/verbs', "export { Engine } from '@omniq/core/src/queue/engine.ts';", 'imports only'],
  ['packages/storage-new/src/verbs', "export { setTimeout } from 'node:timers/promises';", 'time comes in'],
  ['packages/storage-memory/src', 'export const now: number = Date.now();', 'time comes in'],
  ['packages/storage-memory/src', 'setInterval(() => {}, 1);', "Unexpected use of 'setInterval'"],
  ['packages/worker-async/src', "export { memory } from '@omniq/storage-memory';", 'a worker imports only'],
  ['packages/worker-async/src', "export { Engine } from '@omniq/core';", 'a worker imports only'],
  ['packages/testkit/src', "export { memory } from '@omniq/storage-memory';", 'the kit imports only the core'],
  ['packages/cli/src', "export { Engine } from '@omniq/core';", 'use the public API'],
  ['packages/dashboard/src', "export { sqlite } from '@omniq/storage-sqlite';", 'use the public API'],
  ['packages/omniq/src', "export { Engine } from '@omniq/core/src/queue/engine.ts';", 'by its name'],
  ['packages/omniq/src/config', "export { Engine } from '../../../core/src/queue/engine.ts';", 'by its name'],
  ['packages/cli/test', "export { Engine } from '@omniq/core/src/queue/engine.ts';", 'by its name'],
  ['packages/omniq/src', 'export const one: any = 1;', 'no-explicit-any'],
  ['packages/omniq/src', '// @ts-ignore\nexport const one = 1;', 'ban-ts-comment'],
  ['packages/omniq/src', `export const many = [${'\n'.repeat(400)}];`, 'max-lines'],
];

const fine: readonly [folder: string, line: string][] = [
  ['packages/core/src/storage', "export { OmniQError } from '../errors.ts';"],
  ['packages/core/src/storage/layers', "export type { Backend } from '../backend.ts';"],
  ['packages/core/src/model', "export type { TaskRow } from '../storage/task-row.ts';"],
  ['packages/core/src/queue', "export { currentTask } from '../worker/current-task.ts';"],
  ['packages/core/src/worker', "export { Engine } from '../queue/engine.ts';"],
  ['packages/storage-sqlite/src/verbs', "export { OmniQError } from '@omniq/core/storage';"],
  ['packages/storage-sqlite/src/verbs', "export { default } from 'better-sqlite3';"],
  ['packages/worker-async/src', "export type { Executor } from '@omniq/core/worker';"],
  ['packages/testkit/src', "export type { Backend } from '@omniq/core/storage';"],
  ['packages/cli/src', "export { createOmniQ } from '@omniq/omniq';"],
  ['packages/omniq/src', "export { Engine } from '@omniq/core';"],
  ['packages/core/test/queue', "export { Engine } from '../../src/queue/engine.ts';"],
  ['tools', "export { Engine } from '../packages/core/src/index.ts';"],
];

/** What the linter says of each sample, by its file: one run over a copy of nothing but the rules. */
let findings: ReadonlyMap<string, string>;
const tree = mkdtempSync(join(tmpdir(), 'omniq-lint-rules-'));
afterAll(() => rmSync(tree, { recursive: true }));

const fileOf = (folder: string, list: string, index: number): string => `${folder}/sample-${list}-${index}.ts`;

beforeAll(() => {
  copyFileSync(join(root, '.oxlintrc.json'), join(tree, '.oxlintrc.json'));
  refused.forEach(([folder, line], index) => write(fileOf(folder, 'refused', index), line));
  fine.forEach(([folder, line], index) => write(fileOf(folder, 'fine', index), line));
  const { stdout } = spawnSync('oxlint', ['--format=json'], { cwd: tree, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: readonly { filename: string; message: string; code: string; help?: string }[];
  };
  findings = new Map(
    [...Map.groupBy(diagnostics, ({ filename }) => filename)].map(([file, each]) => [file, JSON.stringify(each)]),
  );
});

function write(file: string, line: string): void {
  mkdirSync(join(tree, dirname(file)), { recursive: true });
  writeFileSync(join(tree, file), `${line}\n`);
}

test.each(refused.map((each, index) => [...each, index] as const))(
  'in %s, %s is refused',
  (folder, _, message, index) => {
    expect(findings.get(fileOf(folder, 'refused', index))).toContain(message);
  },
);

test.each(fine.map((each, index) => [...each, index] as const))('in %s, %s is fine', (folder, _line, index) => {
  expect(findings.get(fileOf(folder, 'fine', index))).toBeUndefined();
});

test('the rules that need types are on', () => {
  const { stdout } = spawnSync('oxlint', ['--print-config'], { cwd: root, encoding: 'utf8' });
  const { rules } = JSON.parse(stdout) as { rules: Record<string, unknown> };
  for (const rule of ['no-floating-promises', 'no-misused-promises', 'await-thenable', 'return-await'])
    expect(JSON.stringify(rules[`typescript/${rule}`])).toContain('deny');
  expect(JSON.stringify(rules['import/no-cycle'])).toContain('deny');
});
