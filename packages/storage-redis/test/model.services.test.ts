import { afterAll, describe, test } from 'vitest';
import memory from '@omniq/storage-memory';
import { modelBased } from '@omniq/testkit/model';
import { startRedis } from '@omniq/testkit/servers';
import { opener } from './stores.ts';

const server = await startRedis();

afterAll(() => server.stop());

const reference = (): ReturnType<typeof memory.open> => memory.open('memory:', {});

modelBased('redis', opener({ url: server.url }), { describe, test }, { reference });
