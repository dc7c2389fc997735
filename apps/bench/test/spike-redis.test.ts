import { startRedis } from '@omniq/testkit/servers';
import { RedisSpike } from '../src/spikes/redis.ts';
import { privateServer } from './private-server.ts';
import { storeSpikeSuite } from './store-spike-suite.ts';

const { url, missing } = await privateServer(startRedis);

storeSpikeSuite('the Redis spike', async (namespace) => new RedisSpike(url, { namespace }), missing);
