import { afterAll, describe, test } from 'vitest';
import { layeredBackend, systemAmbient } from '@omniq/core/storage';
import { startPostgres } from '@omniq/testkit/servers';
import { conformance } from '@omniq/testkit/storage';
import { opener } from './stores.ts';

const server = await startPostgres({ settings: { max_connections: '200', fsync: 'off', shared_buffers: '128MB' } });

afterAll(() => server.stop());

conformance('postgres', opener(server.url), {
  describe,
  test,
  wrap: (backend) => layeredBackend(backend, { backend: 'postgres', ambient: systemAmbient }),
});
