import { OmniQError } from '@omniq/core';
import { describe, expect, test } from 'vitest';
import { createLogger } from '../../src/logging/create-logger.ts';
import { Lines } from './lines.ts';

describe('PROD', () => {
  test('is a line of JSON with the documented fields', async () => {
    const lines = new Lines();
    const log = await createLogger({ mode: 'PROD' }, lines);
    log
      .child({ component: 'worker', task_id: 'abc-123', correlation_id: 'abc-123' })
      .warn({ operation: 'resize' }, 'Task retried');
    const [line] = lines.json;
    expect(Object.keys(line ?? {})).toEqual([
      'level',
      'timestamp',
      'logger',
      'task_id',
      'correlation_id',
      'operation',
      'message',
    ]);
    expect(line).toMatchObject({
      level: 'WARNING',
      logger: 'omniq.worker',
      task_id: 'abc-123',
      message: 'Task retried',
    });
    expect(line?.['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
  });

  test('names levels as documented', async () => {
    const lines = new Lines();
    const log = await createLogger({ mode: 'PROD', level: 'DEBUG' }, lines);
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    log.critical({}, 'e');
    expect(lines.json.map(({ level }) => level)).toEqual(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']);
  });

  test('a child says a field again without saying it twice', async () => {
    const lines = new Lines();
    const log = await createLogger({ mode: 'PROD' }, lines);
    log.child({ component: 'worker', task_id: '1' }).child({ component: 'storage', task_id: '2' }).info({}, 'x');
    expect(lines.json[0]).toMatchObject({ logger: 'omniq.storage', task_id: '2' });
    expect(lines.text.match(/"logger"/gu)).toHaveLength(1);
    expect(lines.text.match(/"task_id"/gu)).toHaveLength(1);
  });

  test('masks secrets in fields, bindings, texts and errors', async () => {
    const lines = new Lines();
    const log = await createLogger({ mode: 'PROD' }, lines);
    const cause = new Error('refused by redis://a:hunter1@h');
    const error = new OmniQError('STORE_UNREACHABLE', 'no answer from postgres://me:hunter2@h/d', {
      cause,
      apiKey: 'hunter3',
    });
    log
      .child({ headers: { authorization: 'hunter4', 'set-cookie': 'hunter5' } })
      .error(
        { err: error, deep: { a: [{ b: { password: 'hunter6' } }] }, url: 'nats://x:hunter7@h' },
        'lost nats://x:hunter8@h',
      );
    expect(lines.text).not.toContain('hunter');
    expect(lines.json[0]).toMatchObject({
      message: 'lost nats://x:***@h',
      url: 'nats://x:***@h',
      err: { code: 'STORE_UNREACHABLE', details: { apiKey: '***' } },
    });
  });

  test('a circle does no harm', async () => {
    const lines = new Lines();
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    (await createLogger({ mode: 'PROD' }, lines)).info({ circle }, 'round');
    expect(lines.messages).toEqual(['round']);
  });
});

test('DEV is a line for people, with the fields below it', async () => {
  const lines = new Lines();
  const log = await createLogger({ mode: 'DEV' }, lines);
  log.child({ component: 'worker', task_id: 'abc-123' }).warn({ token: 'hunter2' }, 'Task retried');
  expect(lines.text).toMatch(
    /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] WARNING: omniq\.worker \| Task retried\n {4}task_id: "abc-123"\n {4}token: "\*\*\*"\n$/u,
  );
});

describe('levels', () => {
  test.each([
    ['DEBUG', ['debug', 'info', 'warn', 'error', 'critical']],
    ['INFO', ['info', 'warn', 'error', 'critical']],
    ['WARNING', ['warn', 'error', 'critical']],
    ['ERROR', ['error', 'critical']],
    ['CRITICAL', ['critical']],
    ['DISABLED', []],
  ] as const)('%s writes %j', async (level, expected) => {
    const lines = new Lines();
    const log = await createLogger({ mode: 'PROD', level }, lines);
    for (const verb of ['debug', 'info', 'warn', 'error', 'critical'] as const) log[verb]({}, verb);
    expect(lines.messages).toEqual(expected);
  });

  test('disabled wins over every level', async () => {
    const lines = new Lines();
    const log = await createLogger(
      { mode: 'PROD', level: 'DEBUG', disabled: true, components: { worker: 'DEBUG' } },
      lines,
    );
    log.child({ component: 'worker' }).error({}, 'x');
    expect(lines.text).toBe('');
  });

  test('a component has its own, and what is below it follows', async () => {
    const lines = new Lines();
    const log = await createLogger({ mode: 'PROD', components: { worker: 'ERROR', 'worker.thread': 'DEBUG' } }, lines);
    log.child({ component: 'worker' }).warn({}, 'worker');
    log.child({ component: 'worker.process' }).warn({}, 'process');
    log.child({ component: 'worker.thread' }).debug({}, 'thread');
    log.child({ component: 'workers' }).info({}, 'workers');
    log.child({ component: 'worker.thread' }).child({ task_id: '1' }).debug({}, 'its task');
    expect(lines.messages).toEqual(['thread', 'workers', 'its task']);
  });

  test('change while loggers are in use', async () => {
    const lines = new Lines();
    const log = await createLogger({ mode: 'PROD' }, lines);
    const worker = log.child({ component: 'worker' });
    worker.debug({}, 'no');
    log.level = 'DEBUG';
    worker.debug({}, 'yes');
    log.setComponentLevel('worker', 'ERROR');
    worker.warn({}, 'no');
    worker.level = 'WARNING';
    log.info({}, 'no');
    log.setComponentLevel('worker', undefined);
    worker.warn({}, 'yes again');
    expect(lines.messages).toEqual(['yes', 'yes again']);
  });
});
