import { startNats } from '@omniq/testkit/servers';
import { privateServer } from './private-server.ts';
import { rawQueueSuite } from './raw-queue-suite.ts';

const { url, missing } = await privateServer(startNats);

rawQueueSuite('raw-nats', () => url, missing);
