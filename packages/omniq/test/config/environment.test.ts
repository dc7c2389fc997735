import { describe, expect, test } from 'vitest';
import { variables } from '../../src/config/environment-layer.ts';
import { resolve, problemsOf } from './resolving.ts';

const key = Buffer.alloc(32, 7).toString('base64');

/** Variable, text, where it shows in the settings, what it becomes, and what it takes besides. */
const table: readonly (readonly [
  name: string,
  text: string,
  path: string,
  value: unknown,
  also?: Record<string, string>,
])[] = [
  ['OMNIQ_TASK_STORAGE_TYPE', 'sqlite', 'stores.tasks.url', 'sqlite:./omniq_data/omniq.db'],
  ['OMNIQ_TASK_STORAGE_URL', 'redis://host:6379', 'stores.tasks.url', 'redis://host:6379'],
  ['OMNIQ_RESULT_STORAGE_TYPE', 'memory', 'stores.results.url', 'memory:', { OMNIQ_STORAGE_URL: 'sqlite:./all.db' }],
  ['OMNIQ_RESULT_STORAGE_URL', 'postgres://host/db', 'stores.results.url', 'postgres://host/db'],
  ['OMNIQ_EVENT_STORAGE_TYPE', 'file', 'stores.events.url', 'file:./omniq_data'],
  ['OMNIQ_EVENT_STORAGE_URL', 'sqlite:./events.db', 'stores.events.url', 'sqlite:./events.db'],
  ['OMNIQ_SCHEDULE_STORAGE_TYPE', 'sqlite', 'stores.schedules.url', 'sqlite:./omniq_data/omniq.db'],
  ['OMNIQ_SCHEDULE_STORAGE_URL', 'nats://host', 'stores.schedules.url', 'nats://host'],
  ['OMNIQ_OUTBOX_STORAGE_TYPE', 'sqlite', 'stores.outbox.url', 'sqlite:./omniq_data/omniq.db'],
  ['OMNIQ_OUTBOX_STORAGE_URL', 'postgres://host', 'stores.outbox.url', 'postgres://host'],
  ['OMNIQ_STORAGE_TYPE', 'file', 'stores.schedules.url', 'file:./omniq_data'],
  ['OMNIQ_STORAGE_URL', 'sqlite:./all.db', 'stores.results.url', 'sqlite:./all.db'],
  ['OMNIQ_OBJECT_STORE_URI', 's3://bucket', 'stores.tasks.url', 's3://bucket', { OMNIQ_TASK_STORAGE_TYPE: 'file' }],
  ['OMNIQ_OBSTORE_URI', 'file:///data', 'stores.tasks.url', 'file:///data', { OMNIQ_TASK_STORAGE_TYPE: 'file' }],
  ['OMNIQ_LOG_LEVEL', 'debug', 'logging.level', 'DEBUG'],
  ['OMNIQ_LOG_MODE', 'PROD', 'logging.mode', 'PROD'],
  ['OMNIQ_LOG_FILE', '/var/log/omniq/app.log', 'logging.file', '/var/log/omniq/app.log'],
  ['OMNIQ_LOG_ROTATION', '50 MB', 'logging.rotation', 50_000_000],
  ['OMNIQ_LOG_RETENTION', '14 days', 'logging.retention', 1_209_600_000],
  ['OMNIQ_DISABLE_LOGGING', '1', 'logging.disabled', true],
  [
    'OMNIQ_COMPONENT_LOG_LEVELS',
    '{"worker":"DEBUG","storage":"error"}',
    'logging.components',
    { worker: 'DEBUG', storage: 'ERROR' },
  ],
  ['OMNIQ_DEFAULT_WORKER', 'gevent', 'worker.kind', 'fiber'],
  ['OMNIQ_MAX_WORKERS', '12', 'worker.concurrency', 12],
  ['OMNIQ_THREAD_WORKERS', '3', 'worker.threads', 3],
  ['OMNIQ_PROCESS_WORKERS', '4', 'worker.processes', 4],
  ['OMNIQ_FIBER_WORKERS', '500', 'worker.fibers', 500],
  ['OMNIQ_GEVENT_WORKERS', '600', 'worker.fibers', 600],
  ['OMNIQ_QUEUES', 'mail, default', 'worker.queues', ['mail', 'default']],
  ['OMNIQ_LEASE', '45', 'worker.lease', 45_000],
  ['OMNIQ_POLL_INTERVAL', '0.5', 'worker.poll', 500],
  ['OMNIQ_SHUTDOWN_TIMEOUT', '1m', 'worker.shutdownTimeout', 60_000],
  ['OMNIQ_PREFETCH', '0', 'worker.prefetch', 0],
  ['OMNIQ_DEFAULT_QUEUE', 'mail', 'defaults.queue', 'mail'],
  ['OMNIQ_TASK_TIMEOUT', '300', 'defaults.timeout', 300_000],
  ['OMNIQ_TASK_TTL', '3600', 'defaults.ttl', 3_600_000],
  ['OMNIQ_RESULT_TTL', '86400', 'defaults.resultTtl', 86_400_000],
  ['OMNIQ_RETRY_ATTEMPTS', '3', 'defaults.retry.maxAttempts', 4],
  ['OMNIQ_MAX_ATTEMPTS', '3', 'defaults.retry.maxAttempts', 3],
  ['OMNIQ_RETRY_DELAY', '2', 'defaults.retry.delay', 2_000],
  ['OMNIQ_RETRY_MAX_DELAY', '5m', 'defaults.retry.maxDelay', 300_000],
  ['OMNIQ_RETRY_BACKOFF', 'linear', 'defaults.retry.backoff', 'linear'],
  ['OMNIQ_RETRY_JITTER', '0.5', 'defaults.retry.jitter', 0.5],
  ['OMNIQ_RETENTION_ENDED', '2h', 'retention.ended', 7_200_000],
  ['OMNIQ_RETENTION_FAILED', '2w', 'retention.failed', 1_209_600_000],
  ['OMNIQ_EVENT_RETENTION', '3d', 'retention.events', 259_200_000],
  ['OMNIQ_EVENT_LEVEL', 'DISABLED', 'events.level', 'DISABLED'],
  ['OMNIQ_MAX_PAYLOAD', '2 MiB', 'limits.payload', 2_097_152],
  ['OMNIQ_MAX_PAYLOAD_NODES', '5000', 'limits.payloadNodes', 5_000],
  ['OMNIQ_MAX_PAYLOAD_DEPTH', '20', 'limits.payloadDepth', 20],
  [
    'OMNIQ_SIGNING_KEYS',
    `new:${key},old:${key}`,
    'codec.signingKeys',
    [
      { id: 'new', secret: key },
      { id: 'old', secret: key },
    ],
  ],
  ['OMNIQ_ENCRYPTION_KEYS', `[{"id":"a","secret":"${key}"}]`, 'codec.encryptionKeys', [{ id: 'a', secret: key }]],
  ['OMNIQ_PLUGINS', 'omniq-storage-mysql,./mine.ts', 'plugins', ['omniq-storage-mysql', './mine.ts']],
  ['OMNIQ_NAMESPACE', 'blue', 'namespace', 'blue'],
  ['OMNIQ_DASHBOARD_PORT', '9000', 'dashboard.port', 9_000],
  ['OMNIQ_DASHBOARD_ENABLED', 'yes', 'dashboard.enabled', true],
  ['OMNIQ_DASHBOARD_HOST', '0.0.0.0', 'dashboard.host', '0.0.0.0'],
];

function at(tree: unknown, path: string): unknown {
  return path.split('.').reduce((value: unknown, part) => (value as Record<string, unknown> | undefined)?.[part], tree);
}

describe('environment variables', () => {
  for (const [name, text, path, value, also = {}] of table) {
    test(`${name}=${text.slice(0, 40)} sets ${path}`, async () => {
      const { settings, warnings } = await resolve({ env: { [name]: text, ...also } });
      expect(at(settings, path)).toEqual(value);
      expect(warnings.filter((warning) => warning.includes(name))).toEqual([]);
      // Each one changes something: the same without it is another value.
      expect(at((await resolve({ env: also })).settings, path)).not.toEqual(value);
    });
  }

  test('the table covers every variable, and OMNIQ_CONFIG and OMNIQ_ENV are tested elsewhere', () => {
    const covered = [...table.map(([name]) => name), 'OMNIQ_CONFIG', 'OMNIQ_ENV'].toSorted();
    expect(covered).toEqual(variables.map(({ name }) => name).toSorted());
  });

  test('an empty variable counts as not set', async () => {
    const { settings } = await resolve({ env: { OMNIQ_MAX_WORKERS: '', OMNIQ_TASK_STORAGE_URL: '  ', OMNIQ_ENV: '' } });
    expect(settings.worker.concurrency).toBe(10);
    expect(settings.stores.tasks).toMatchObject({ url: 'memory:' });
  });

  test.each([
    ['1', true],
    ['true', true],
    ['YES', true],
    ['on', true],
    ['0', false],
    ['false', false],
    ['No', false],
    ['off', false],
  ])('OMNIQ_DISABLE_LOGGING=%s is %s', async (text, value) => {
    expect((await resolve({ env: { OMNIQ_DISABLE_LOGGING: text } })).settings.logging.disabled).toBe(value);
  });

  test.each([
    ['OMNIQ_MAX_WORKERS', 'ten', "OMNIQ_MAX_WORKERS is 'ten'; expected an integer from 1 to 100000"],
    ['OMNIQ_MAX_WORKERS', '0', "OMNIQ_MAX_WORKERS is '0'; expected an integer from 1 to 100000"],
    ['OMNIQ_MAX_WORKERS', '2.5', "OMNIQ_MAX_WORKERS is '2.5'; expected an integer from 1 to 100000"],
    [
      'OMNIQ_TASK_TIMEOUT',
      'soon',
      "OMNIQ_TASK_TIMEOUT is 'soon'; expected a duration such as '30s' or '5m', above zero, or a number of seconds",
    ],
    [
      'OMNIQ_TASK_TIMEOUT',
      '0',
      "OMNIQ_TASK_TIMEOUT is '0'; expected a duration such as '30s' or '5m', above zero, or a number of seconds",
    ],
    [
      'OMNIQ_DEFAULT_WORKER',
      'tread',
      "OMNIQ_DEFAULT_WORKER is 'tread'; expected async, thread, process or fiber; did you mean thread?",
    ],
    [
      'OMNIQ_LOG_LEVEL',
      'WARNNING',
      "OMNIQ_LOG_LEVEL is 'WARNNING'; expected DEBUG, INFO, WARNING, ERROR, CRITICAL or DISABLED; did you mean WARNING?",
    ],
    [
      'OMNIQ_DASHBOARD_ENABLED',
      'maybe',
      "OMNIQ_DASHBOARD_ENABLED is 'maybe'; expected true or false (also 1, yes, on, 0, no, off)",
    ],
    [
      'OMNIQ_COMPONENT_LOG_LEVELS',
      '{worker}',
      `OMNIQ_COMPONENT_LOG_LEVELS is '{worker}'; expected levels by component, such as { worker: DEBUG } (in the environment JSON: {"worker":"DEBUG"})`,
    ],
    ['OMNIQ_RETRY_JITTER', '2', "OMNIQ_RETRY_JITTER is '2'; expected a number from 0 to 1"],
    [
      'OMNIQ_PLUGINS',
      'data:text/javascript,x',
      "OMNIQ_PLUGINS is 'data:text/javascript,x'; expected a list of package names such as 'omniq-storage-mysql' or files such as './storage/mysql.ts'",
    ],
  ])('%s=%s is refused with what was expected', async (name, text, message) => {
    expect(await problemsOf({ env: { [name]: text } })).toEqual([message]);
  });

  test('a secret is never repeated in a message', async () => {
    const [problem] = await problemsOf({ env: { OMNIQ_SIGNING_KEYS: 'main:hunter2' } });
    expect(problem).toMatch(/^OMNIQ_SIGNING_KEYS is not what is expected; expected a list of \{ id, secret \}/u);
    expect(problem).not.toContain('hunter2');
  });

  test('attempts and retries together are an error', async () => {
    expect(await problemsOf({ env: { OMNIQ_RETRY_ATTEMPTS: '3', OMNIQ_MAX_ATTEMPTS: '4' } })).toEqual([
      'OMNIQ_RETRY_ATTEMPTS and OMNIQ_MAX_ATTEMPTS say the same thing twice; give one: maxAttempts counts executions, maxRetries is one less',
    ]);
  });

  test('an old and a new name may both be set if they agree', async () => {
    const agreed = await resolve({ env: { OMNIQ_FIBER_WORKERS: '7', OMNIQ_GEVENT_WORKERS: '7' } });
    expect(agreed.settings.worker.fibers).toBe(7);
    expect(await problemsOf({ env: { OMNIQ_FIBER_WORKERS: '7', OMNIQ_GEVENT_WORKERS: '8' } })).toEqual([
      'OMNIQ_GEVENT_WORKERS and OMNIQ_FIBER_WORKERS say different things; keep OMNIQ_FIBER_WORKERS',
    ]);
  });

  test('an unknown OMNIQ_ variable is a warning with the nearest name', async () => {
    const { warnings } = await resolve({
      env: { OMNIQ_MAX_WOKERS: '3', OMNIQ_TEST_POSTGRES: 'x', OTHER: 'y', OMNIQ_ZZZZZZZZZZ: '1' },
      code: 'memory:',
    });
    expect(warnings).toEqual([
      'OMNIQ_MAX_WOKERS is not a variable of OmniQ and is ignored; did you mean OMNIQ_MAX_WORKERS?',
      'OMNIQ_ZZZZZZZZZZ is not a variable of OmniQ and is ignored',
    ]);
  });
});
