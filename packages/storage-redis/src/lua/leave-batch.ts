import { batches } from './batches.ts';
import { batched } from './batched.ts';
import { results } from './results.ts';
import type { Part } from './script.ts';

/**
 * A batch goes with the last of its tasks. When few are left that have ended and are kept longer than the others, each
 * takes its body along and stands alone from then on: so a batch never keeps much that is of no use to anybody.
 */
export const leaveBatch: Part = {
  keys: ['tasks', 'bodies', 'batches', 'batch-gone', 'order', 'ended', 'ended-batches'],
  needs: [batches, batched, results],
  lua: `
local function drop_batch(b)
  redis.call('HDEL', BATCHES, b.name)
  redis.call('HDEL', BATCH_GONE, b.name)
  redis.call('ZREM', ORDER, b.name .. 'b' .. struct.pack('>H', b.size))
  redis.call('ZREM', ENDED_BATCHES, b.name)
end

-- Answers whether all that are left could leave.
local function dissolve(b)
  local ids, left = ids_in(b), {}
  for i, value in ipairs(hmget(TASKS, ids)) do
    if belongs(value, b.name) then
      if is_bare(value) or state_of(row_of(value)) <= RUNNING then return false end
      left[#left + 1] = { id = ids[i], value = value }
    end
  end
  for _, one in ipairs(left) do
    local packed = row_of(take_out(one.id, one.value))
    local finishedAt = struct.unpack('<d', packed, 42)
    redis.call('HSET', TASKS, one.id, packed)
    redis.call('HSET', BODIES, one.id, body_in(one.value))
    redis.call('ZADD', ORDER, 0, packed:sub(1, 8) .. 's' .. one.id)
    if finishedAt ~= NONE then redis.call('ZADD', ENDED, string.format('%.17g', finishedAt), one.id) end
  end
  return true
end

local function leave_batch(name, count)
  local b, before = batch_at(name), tonumber(redis.call('HGET', BATCH_GONE, name) or 0)
  local gone, few = before + count, math.ceil(b.size / 8)
  local dissolved = b.size - gone <= few and dissolve(b)
  if dissolved then drop_batch(b) else redis.call('HSET', BATCH_GONE, name, gone) end
end`,
};
