import { afterAll, describe, test } from 'vitest';
import memory from '@omniq/storage-memory';
import { modelBased, type Topic } from '@omniq/testkit/model';
import { startPostgres } from '@omniq/testkit/servers';
import { opener } from './stores.ts';

const server = await startPostgres({ settings: { max_connections: '200', fsync: 'off', shared_buffers: '128MB' } });

afterAll(() => server.stop());

/**
 * A request that found nothing leaves no trace here, or each idle look would cost a write: the one before it may still be
 * made again, and is answered with what it leased. Rows are locked one after the other, and a claim skips those that are.
 */
const without: readonly Topic[] = ['requests after one that found nothing', 'several tasks in one instant'];

const reference = (): ReturnType<typeof memory.open> => memory.open('memory:', {});

modelBased('postgres', opener(server.url), { describe, test }, { reference, without });
