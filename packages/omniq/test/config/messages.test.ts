import { isOmniQError } from '@omniq/core';
import { describe, expect, test } from 'vitest';
import { Problems } from '../../src/config/problems.ts';
import { resolve, problemsOf } from './resolving.ts';
import { tempFolder } from './temp-folder.ts';

describe('what is wrong is told', () => {
  test('all at once, with file and line, what was expected and the nearest key', async () => {
    const yaml = [
      'tasks: sqlite:./jobs.db',
      'worker:',
      '  kind: thraed',
      '  lease: soon',
      '',
      '  # how many at once',
      '  concurency: 8',
      'loging: {}',
      'concurrency: 3',
      'worker_kind: async',
      'logging: PROD',
    ].join('\n');
    const failure = await resolve({ yaml, code: { dashboard: { port: 70_000 } }, env: { OMNIQ_PREFETCH: '-1' } }).catch(
      (error: unknown) => error,
    );
    expect(isOmniQError(failure, 'INVALID_CONFIG')).toBe(true);
    expect((failure as Error).message).toBe(
      [
        'The configuration has 9 problems:',
        "  omniq.yaml:3 `worker.kind` is 'thraed'; expected async, thread, process or fiber; did you mean thread?",
        "  omniq.yaml:4 `worker.lease` is 'soon'; expected a duration such as '30s' or '5m', at least 1s, or a number of seconds",
        '  omniq.yaml:7 `worker.concurency` is unknown; did you mean `worker.concurrency`?',
        '  omniq.yaml:8 `loging` is unknown; did you mean `logging`?',
        '  omniq.yaml:9 `concurrency` is unknown; did you mean `worker.concurrency`?',
        '  omniq.yaml:10 `worker_kind` is unknown; did you mean `worker.kind`?',
        "  omniq.yaml:11 `logging` is 'PROD'; expected a section of keys and values",
        "  OMNIQ_PREFETCH is '-1'; expected an integer from 0 to 100000",
        '  `dashboard.port` is 70000; expected an integer from 0 to 65535',
      ].join('\n'),
    );
  });

  test('one problem stands in one line', async () => {
    await expect(resolve({ yaml: '\n\n\n\n\n\nconcurency: 3' })).rejects.toThrow(
      /^The configuration has a problem: omniq\.yaml:7 `concurency` is unknown; did you mean `worker\.concurrency`\?$/u,
    );
  });

  test.each([
    ['max_retries', 'defaults.retry.maxAttempts', 4],
    ['maxRetries', 'defaults.retry.maxAttempts', 4],
    ['max_workers', 'worker.concurrency', 3],
  ])('%s is a name that is taken as well', async (key, path, value) => {
    const { settings } = await resolve({ yaml: `${key}: 3` });
    expect(path.split('.').reduce((tree: unknown, part) => (tree as Record<string, unknown>)[part], settings)).toBe(
      value,
    );
  });

  test('the same setting under two names is a problem', async () => {
    expect(await problemsOf({ yaml: 'worker:\n  poll: 1s\n  poll_interval: 2s\n' })).toEqual([
      'omniq.yaml:3 `worker.poll_interval` is given twice: `worker.poll` says the same',
    ]);
  });

  test('attempts and retries in one file are a problem', async () => {
    expect(await problemsOf({ yaml: 'defaults:\n  retry:\n    maxAttempts: 4\n    maxRetries: 3\n' })).toEqual([
      'omniq.yaml:4 `defaults.retry.maxRetries` and `defaults.retry.maxAttempts` say the same thing twice; give one: maxAttempts counts executions, maxRetries is one less',
    ]);
  });

  test('passwords in wrong URLs are masked', async () => {
    const [problem] = await problemsOf({
      code: { tasks: { type: 'redis', url: 'no scheme ://me:hunter2@host' } as never },
    });
    expect(problem ?? '').not.toContain('hunter2');
    const failure = await resolve({ yaml: 'worker: { kind: "postgres://me:hunter2@host/db" }' }).catch(
      (error: unknown) => error,
    );
    expect((failure as Error).message).toContain('postgres://me:***@host/db');
  });

  test('whatever a problem says, its passwords are masked', () => {
    const problems = new Problems();
    problems.add({ source: 'code' }, 'tasks', 'came from nats://a:hunter2@h');
    problems.addSentence('redis://b:hunter3@h is down');
    expect(() => problems.throwIfAny()).toThrow(/nats:\/\/a:\*\*\*@h[^]*redis:\/\/b:\*\*\*@h/u);
  });

  test('terminal escapes in keys and values are not passed on', async () => {
    const problems = await problemsOf({ yaml: '"a\\e[31mb": 1\nworker: { kind: "x\\e[2Jy" }' });
    expect(problems.join('\n')).not.toContain('\u001b');
  });

  test('a file that is named and missing', async () => {
    expect(await problemsOf({ env: { OMNIQ_CONFIG: 'nowhere.yaml' } })).toEqual([
      'nowhere.yaml cannot be read: there is no such file',
    ]);
  });

  test('two files that are looked for', async () => {
    const cwd = tempFolder({ 'omniq.yaml': 'namespace: a', 'omniq.yml': 'namespace: b' });
    expect(await problemsOf({ cwd })).toEqual([
      'omniq.yaml and omniq.yml are both there; keep one, or name them in OMNIQ_CONFIG',
    ]);
  });

  test('omniq.yml is found as well, and false reads no file', async () => {
    const cwd = tempFolder({ 'omniq.yml': 'namespace: b' });
    expect((await resolve({ cwd })).settings.namespace).toBe('b');
    expect((await resolve({ cwd, files: false })).settings.namespace).toBeUndefined();
  });

  test('a logger belongs to code', async () => {
    expect(await problemsOf({ yaml: 'logger: { level: 1 }' })).toEqual([
      'omniq.yaml:1 `logger` can only be given from code',
    ]);
    expect(await problemsOf({ code: { logger: { info: 1 } as never } })).toEqual([
      '`logger` is a section; expected a logger with debug, info, warn, error and child, given from code',
    ]);
  });
});
