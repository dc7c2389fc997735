import { afterEach, expect, test, vi } from 'vitest';
import { bindTask, configureLogging, getLogger, taskContext } from '../../src/logging/process-logger.ts';
import { Lines } from './lines.ts';

afterEach(async () => {
  vi.unstubAllEnvs();
  await configureLogging({ disabled: true });
});

test('loggers handed out before follow what is configured later', async () => {
  const log = getLogger('worker');
  log.error({}, 'nobody hears this');
  const lines = new Lines();
  await configureLogging({ mode: 'PROD' }, lines);
  log.info({}, 'heard');
  getLogger().child({ a: 1 }).info({ b: 2 }, 'and this');
  expect(lines.json).toMatchObject([
    { logger: 'omniq.worker', message: 'heard' },
    { logger: 'omniq', a: 1, b: 2, message: 'and this' },
  ]);
});

test('what code does not say is taken from the environment', async () => {
  vi.stubEnv('OMNIQ_LOG_MODE', 'PROD');
  vi.stubEnv('OMNIQ_LOG_LEVEL', 'ERROR');
  const lines = new Lines();
  await configureLogging({}, lines);
  getLogger().warn({}, 'no');
  getLogger().error({}, 'yes');
  expect(lines.messages).toEqual(['yes']);
  await expect(configureLogging({ level: 'LOUD' as never })).rejects.toThrow(
    "`logging.level` is 'LOUD'; expected DEBUG, INFO",
  );
});

test('a task’s context is on every line in it, and only there', async () => {
  const lines = new Lines();
  await configureLogging({ mode: 'PROD', level: 'DEBUG' }, lines);
  const value = await taskContext('task-123', 'process', async (log) => {
    log.info({}, 'given');
    await Promise.resolve();
    getLogger('mail').info({}, 'found');
    return 7;
  });
  getLogger().info({}, 'outside');
  expect(value).toBe(7);
  const within = { task_id: 'task-123', correlation_id: 'task-123', operation: 'process' };
  expect(lines.json).toMatchObject([
    { ...within, level: 'DEBUG', message: 'process started' },
    { ...within, message: 'given' },
    { ...within, logger: 'omniq.mail', message: 'found' },
    { ...within, level: 'DEBUG', message: 'process ended', duration_ms: expect.any(Number) as number },
    { message: 'outside' },
  ]);
  expect(lines.json.at(-1)).not.toHaveProperty('task_id');
});

test('what a task throws is logged and thrown on', async () => {
  const lines = new Lines();
  await configureLogging({ mode: 'PROD' }, lines);
  await expect(taskContext('t', 'send', () => Promise.reject(new Error('no route')))).rejects.toThrow('no route');
  expect(lines.json).toMatchObject([
    { level: 'ERROR', task_id: 't', message: 'send failed', err: { message: 'no route' } },
  ]);
});

test('bindTask binds a task and more, and wins over the context that it is used in', async () => {
  const lines = new Lines();
  await configureLogging({ mode: 'PROD' }, lines);
  const log = bindTask('task-456', { worker: 'worker-1' });
  await taskContext('other', 'work', () => log.info({}, 'bound'));
  expect(lines.json[0]).toMatchObject({
    task_id: 'task-456',
    correlation_id: 'task-456',
    worker: 'worker-1',
    message: 'bound',
  });
});
