import { Redis } from 'ioredis';
import { Bell } from './bell.ts';
import { Coalescer } from './coalescer.ts';
import { SwapLoop } from './swap-loop.ts';
import type { Queue, System, Target } from './system.ts';

const batch = 200;
const lanes = 2;

const ADD = `
local id = redis.call('INCRBY', KEYS[1] .. 'seq', #ARGV) - #ARGV
local due, payloads = {}, {}
for i, payload in ipairs(ARGV) do
  local key = string.format('%014x', id + i)
  due[2 * i - 1], due[2 * i], payloads[2 * i - 1], payloads[2 * i] = 0, key, key, payload
end
redis.call('ZADD', KEYS[1] .. 'due', unpack(due))
redis.call('HSET', KEYS[1] .. 'payload', unpack(payloads))
if redis.call('DEL', KEYS[1] .. 'idle') == 1 then redis.call('RPUSH', KEYS[1] .. 'wake', '1') end`;

/** Acknowledge and claim in one call. ARGV: leased until, limit, ids. */
const SWAP = `
if #ARGV > 2 then
  redis.call('ZREM', KEYS[1] .. 'leased', unpack(ARGV, 3))
  redis.call('HDEL', KEYS[1] .. 'payload', unpack(ARGV, 3))
end
local ids = redis.call('ZRANGE', KEYS[1] .. 'due', 0, ARGV[2] - 1)
if #ids == 0 then return { {}, {} } end
local leases = {}
for i, id in ipairs(ids) do leases[2 * i - 1], leases[2 * i] = ARGV[1], id end
redis.call('ZREM', KEYS[1] .. 'due', unpack(ids))
redis.call('ZADD', KEYS[1] .. 'leased', unpack(leases))
return { ids, redis.call('HMGET', KEYS[1] .. 'payload', unpack(ids)) }`;

type Held = { readonly id: string; readonly payload: string };
type Scripted = Redis & {
  add(prefix: string, ...payloads: string[]): Promise<void>;
  swap(prefix: string, until: number, limit: number, ...ids: string[]): Promise<[string[], string[]]>;
};

/** The limit on Redis: the smallest queue that leases, keeps priorities and survives a crash of its worker. */
export const rawRedis: System = {
  name: 'raw-redis',
  store: 'redis',
  packages: ['ioredis'],
  settings: `batch ${batch}, ${lanes} claims in flight, adds of a tick coalesced`,
  durability: 'appendonly=no',
  raw: 'raw-redis',
  shared: true,
  open,
};

async function open({ url, scope }: Target): Promise<Queue> {
  const redis = new Redis(url) as Scripted;
  const prefix = `{${scope}}:`;
  redis.defineCommand('add', { numberOfKeys: 1, lua: ADD });
  redis.defineCommand('swap', { numberOfKeys: 1, lua: SWAP });
  const add = (payloads: readonly string[]): Promise<void> => redis.add(prefix, ...payloads);
  const adds = new Coalescer(add, { lanes: 2, largest: 500 });
  const bell = new Bell();
  const loop = new SwapLoop<Held>({
    swap: async (held) => {
      const [ids, payloads] = await redis.swap(prefix, Date.now() + 30_000, batch, ...held.map(({ id }) => id));
      return ids.map((id, i) => ({ id, payload: payloads[i] ?? '' }));
    },
    idle: async () => {
      if ((await redis.set(`${prefix}idle`, '1', 'GET')) === '1') await bell.wait();
    },
  });
  let blocking: Redis | undefined;
  return {
    enqueue: (payload) => adds.add(payload),
    enqueueMany: async (payloads) => {
      for (let from = 0; from < payloads.length; from += 1000) await add(payloads.slice(from, from + 1000));
    },
    work: async (handler) => {
      blocking = redis.duplicate();
      void ringAtWakes(blocking, prefix, bell);
      loop.start(lanes, ({ payload }) => handler(payload));
    },
    left: async () => (await redis.zcard(`${prefix}due`)) + (await redis.zcard(`${prefix}leased`)),
    close: async () => {
      bell.ring();
      await loop.stop();
      blocking?.disconnect();
      redis.disconnect();
    },
  };
}

async function ringAtWakes(blocking: Redis, prefix: string, bell: Bell): Promise<void> {
  try {
    for (;;) {
      await blocking.blpop(`${prefix}wake`, 0);
      bell.ring();
    }
  } catch {
    // The connection was closed: the worker has ended.
  }
}
