import { describe, expect, test } from 'vitest';
import { showConfig } from '../../src/config/show-config.ts';
import { resolve } from './resolving.ts';

const secret = Buffer.alloc(32, 9).toString('base64');

describe('showing the configuration', () => {
  test('every value with who said it', async () => {
    const shown = showConfig(
      await resolve({
        yaml: 'tasks: sqlite:./jobs.db\nworker:\n  lease: 90\nlogging: { components: { worker: DEBUG } }',
        env: { OMNIQ_RETRY_ATTEMPTS: '5', OMNIQ_TASK_TIMEOUT: '1.5' },
        code: { worker: { queues: ['a', 'b'] } },
        flags: { logging: { level: 'DEBUG' } },
      }),
    );
    const rows = new Map(shown.map(({ key, value, origin }) => [key, `${value} (${origin})`]));
    expect(Object.fromEntries(rows)).toMatchObject({
      tasks: 'sqlite:./jobs.db (omniq.yaml:1)',
      results: 'sqlite:./jobs.db (omniq.yaml:1)',
      'worker.lease': '90s (omniq.yaml:3)',
      'worker.queues': 'a, b (code)',
      'worker.concurrency': '10 (default)',
      'worker.threads': '(the number of cores) (default)',
      'defaults.retry.maxAttempts': '6 (OMNIQ_RETRY_ATTEMPTS)',
      'defaults.timeout': '1500ms (OMNIQ_TASK_TIMEOUT)',
      'limits.payload': '1 MiB (default)',
      'logging.level': 'DEBUG (flag)',
      'logging.components': 'worker=DEBUG (omniq.yaml:4)',
      'retention.failed': '30d (default)',
    });
  });

  test('no secret is shown', async () => {
    const config = await resolve({
      code: {
        tasks: { url: 'postgres://me:hunter2@host/db?sslpassword=hunter3', authToken: 'hunter4', pool: 5 },
        codec: { signingKeys: [{ id: 'main', secret }] },
      },
    });
    const text = JSON.stringify(showConfig(config));
    expect(text).not.toMatch(/hunter/u);
    expect(text).not.toContain(secret);
    expect(text).toContain('postgres://me:***@host/db?sslpassword=*** authToken=*** pool=5');
    expect(text).toContain('main:***');
  });
});
