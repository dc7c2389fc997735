import { describe, expect, test } from 'vitest';
import type { OmniQConfig } from '../../src/config/omniq-config.ts';
import { formatOrigin, type ResolvedConfig } from '../../src/config/resolved-config.ts';
import { resolve, problemsOf } from './resolving.ts';
import { tempFolder } from './temp-folder.ts';

function originOf(config: ResolvedConfig, key: string): string {
  const origin = config.origins.get(key);
  return origin === undefined ? 'nobody' : formatOrigin(origin);
}

const yaml = 'worker:\n  concurrency: 2\n';
const env = { OMNIQ_MAX_WORKERS: '3' };
const code: OmniQConfig = { worker: { concurrency: 4 } };
const flags: OmniQConfig = { worker: { concurrency: 5 } };

describe('precedence', () => {
  test.each([
    ['the default', {}, 10, 'default'],
    ['a file over the default', { yaml }, 2, 'omniq.yaml:2'],
    ['the environment over a file', { yaml, env }, 3, 'OMNIQ_MAX_WORKERS'],
    ['code over the environment', { yaml, env, code }, 4, 'code'],
    ['a flag over code', { yaml, env, code, flags }, 5, 'flag'],
  ])('%s', async (_name, sources, value, origin) => {
    const config = await resolve(sources);
    expect(config.settings.worker.concurrency).toBe(value);
    expect(originOf(config, 'worker.concurrency')).toBe(origin);
  });

  test('sections merge key by key, lists are replaced', async () => {
    const { settings } = await resolve({
      yaml: 'worker:\n  lease: 1m\n  queues: [a, b]\n',
      code: { worker: { poll: 250, queues: ['c'] } },
    });
    expect(settings.worker).toMatchObject({ lease: 60_000, poll: 250, queues: ['c'] });
  });

  test('of several files the later wins, and each value remembers its own', async () => {
    const cwd = tempFolder({
      'base.yaml': 'worker:\n  lease: 1m\n  poll: 5s\n',
      'conf/more.yaml': '# more\nworker:\n  poll: 7s\n',
    });
    const config = await resolve({ cwd, env: { OMNIQ_CONFIG: 'base.yaml, conf/more.yaml' } });
    expect(config.settings.worker).toMatchObject({ lease: 60_000, poll: 7_000 });
    expect(originOf(config, 'worker.lease')).toBe('base.yaml:2');
    expect(originOf(config, 'worker.poll')).toBe('conf/more.yaml:3');
    expect(config.files).toEqual(['base.yaml', 'conf/more.yaml']);
  });

  test('of several configurations from code the later wins', async () => {
    const { settings } = await resolve({ code: [{ namespace: 'a', worker: { kind: 'thread' } }, { namespace: 'b' }] });
    expect(settings).toMatchObject({ namespace: 'b', worker: { kind: 'thread' } });
  });

  test('a stronger source decides attempts whichever word it uses', async () => {
    const config = await resolve({
      yaml: 'defaults:\n  retry: { max_attempts: 9 }\n',
      env: { OMNIQ_RETRY_ATTEMPTS: '1' },
    });
    expect(config.settings.defaults.retry).toEqual({ maxAttempts: 2 });
    expect(originOf(config, 'defaults.retry.maxAttempts')).toBe('OMNIQ_RETRY_ATTEMPTS');
  });

  test('what nobody says of tasks stays with the core', async () => {
    expect((await resolve()).settings.defaults).toEqual({});
  });

  test('a bare number is milliseconds in code and seconds in a file', async () => {
    expect((await resolve({ code: { worker: { lease: 45_000 } } })).settings.worker.lease).toBe(45_000);
    expect((await resolve({ yaml: 'worker: { lease: 45 }' })).settings.worker.lease).toBe(45_000);
    expect((await resolve({ yaml: 'worker: { lease: "45" }' })).settings.worker.lease).toBe(45_000);
    expect(await problemsOf({ code: { worker: { lease: '45' as never } } })).toEqual([
      "`worker.lease` is '45'; expected a duration such as '30s' or '5m', at least 1s, or a number of milliseconds",
    ]);
  });

  test('a resolved configuration given as code resolves to itself', async () => {
    const { settings } = await resolve({
      yaml: 'worker: { lease: 45 }\nlogging: { rotation: daily, retention: 3d }\n',
    });
    const { stores: _stores, ...rest } = settings;
    expect((await resolve({ code: rest as OmniQConfig })).settings).toEqual(settings);
  });

  test('an object of a class is a configuration as well', async () => {
    class Production implements OmniQConfig {
      readonly namespace = 'production';
      readonly worker = { concurrency: 64 };
    }
    expect((await resolve({ code: new Production() })).settings).toMatchObject({
      namespace: 'production',
      worker: { concurrency: 64 },
    });
  });
});

describe('environments', () => {
  const sections = [
    'worker: { concurrency: 1, lease: 1m }',
    'environments:',
    '  production:',
    '    worker: { concurrency: 50 }',
    '  test:',
    '    tasks: "memory:"',
    '',
  ].join('\n');

  test.each([
    [{ OMNIQ_ENV: 'production' }, 50, 'production'],
    [{ NODE_ENV: 'production' }, 50, 'production'],
    [{ OMNIQ_ENV: 'production', NODE_ENV: 'test' }, 50, 'production'],
    [{ NODE_ENV: 'development' }, 1, 'development'],
    [{}, 1, null],
  ])('%j', async (given, concurrency, environment) => {
    const config = await resolve({ yaml: sections, env: given });
    expect(config.settings.worker).toMatchObject({ concurrency, lease: 60_000 });
    expect(config.environment).toBe(environment);
  });

  test('the section names its own line', async () => {
    expect(originOf(await resolve({ yaml: sections, env: { OMNIQ_ENV: 'production' } }), 'worker.concurrency')).toBe(
      'omniq.yaml:4',
    );
  });

  test('a wrong name is a warning, for OMNIQ_ENV alone', async () => {
    const { warnings } = await resolve({ yaml: sections, env: { OMNIQ_ENV: 'prodution' }, code: 'memory:' });
    expect(warnings).toEqual([
      "OMNIQ_ENV is 'prodution', and no file has a section for it in environments; did you mean production?",
    ]);
    expect((await resolve({ yaml: sections, env: { NODE_ENV: 'prodution' }, code: 'memory:' })).warnings).toEqual([]);
  });

  test('sections that are not chosen are checked too', async () => {
    expect(await problemsOf({ yaml: 'environments:\n  production:\n    worker:\n      leese: 1\n' })).toEqual([
      'omniq.yaml:4 `worker.leese` is unknown; did you mean `worker.lease`?',
    ]);
  });
});
