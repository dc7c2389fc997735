import { afterAll, describe, test } from 'vitest';
import memory from '@omniq/storage-memory';
import { modelBased, type Topic } from '@omniq/testkit/model';
import { startPostgres } from '@omniq/testkit/servers';
import { opener } from './stores.ts';

const server = await startPostgres({ settings: { max_connections: '200', fsync: 'off', shared_buffers: '128MB' } });

afterAll(() => server.stop());

/** Where the reference answers as no store with tables does; the same for all of them. */
const without: readonly Topic[] = [
  'parents of then rows',
  'keys of children',
  'keys that are over',
  'keys of forgotten ids',
  'requests after one that found nothing',
  'cancels of ended sessions',
];

const reference = (): ReturnType<typeof memory.open> => memory.open('memory:', {});

modelBased('postgres', opener(server.url), { describe, test }, { reference, without });
