import { row } from './row.ts';
import type { Part } from './script.ts';

/**
 * Who holds which key: the id after the time until which it is held, which is \`NONE\` for one held while its task lives.
 * A key held until a time outlives its task; those whose time is over are forgotten a few at a time.
 */
export const unique: Part = {
  keys: ['unique', 'unique-ends'],
  needs: [row],
  lua: `
local function holder_of(key, now)
  local held = redis.call('HGET', UNIQUE, key)
  if held and struct.unpack('<d', held) > now then return held:sub(9) end
  return nil
end

-- Who keeps a task from taking a key. One whose time is over already is not taken.
local function held_by_other(key, id, untilTime, now)
  local holder = untilTime > now and holder_of(key, now)
  return holder and holder ~= id and holder or nil
end

local function hold(key, id, untilTime, now)
  if untilTime <= now then return end
  redis.call('HSET', UNIQUE, key, struct.pack('<d', untilTime) .. id)
  if untilTime == NONE then redis.call('ZREM', UNIQUE_ENDS, key) return end
  redis.call('ZADD', UNIQUE_ENDS, untilTime, key)
  for _, old in ipairs(redis.call('ZRANGEBYSCORE', UNIQUE_ENDS, '-inf', now, 'LIMIT', 0, 8)) do
    redis.call('HDEL', UNIQUE, old)
    redis.call('ZREM', UNIQUE_ENDS, old)
  end
end

local function release(m)
  if m.uniqueKey == '' or m.uniqueUntil ~= NONE then return end
  if holder_of(m.uniqueKey, 0) == m.id then redis.call('HDEL', UNIQUE, m.uniqueKey) end
end`,
};
