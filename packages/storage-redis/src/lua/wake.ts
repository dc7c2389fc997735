import { places } from './places.ts';
import type { Part } from './script.ts';

/**
 * Tells others: of the processes that are idle at a queue as many as there are tasks for, the longest idle first, each by
 * a channel of its own. One that nobody seems to hear has died, or listens at another node of a Cluster; a few more are
 * told then. Not being allowed to tell does not undo what was done.
 *
 * \`idle\` holds one member a queue of an idle process, in the order of their bytes: queue, since when, process. \`idlers\`
 * says of each since when, and at which queues.
 */
export const wake: Part = {
  keys: ['tasks', 'idle', 'idlers'],
  needs: [places],
  lua: `
local PREFIX = TASKS:sub(1, -6)

local function stir(process)
  local known = redis.call('HGET', IDLERS, process)
  if not known then return end
  redis.call('HDEL', IDLERS, process)
  for at = 9, #known, 4 do redis.call('ZREM', IDLE, known:sub(at, at + 3) .. known:sub(1, 8) .. process) end
end

local function wake_at(queue, count)
  for try = 1, 4 do
    local unheard = 0
    for _, member in ipairs(redis.call('ZRANGEBYLEX', IDLE, '[' .. queue, '(' .. queue .. '\\255', 'LIMIT', 0, math.min(count, 64))) do
      local process = member:sub(13)
      stir(process)
      if redis.pcall('PUBLISH', PREFIX .. 'wake:' .. process, '') == 0 then unheard = unheard + 1 end
    end
    if unheard == 0 then return end
    count = unheard
  end
end

-- How many tasks became claimable at each queue, by its number in bytes.
local function wake(tally)
  if redis.call('EXISTS', IDLE) == 0 then return end
  for queue, count in pairs(tally) do wake_at(queue, count) end
end

local function tell_ends() redis.pcall('PUBLISH', PREFIX .. 'ended', '') end

-- After a claim at these queues: \`process\` is to be woken, or has enough to do; '' hears nothing.
local function rest(process, queues, micros, found_all)
  if process == '' then return end
  if not found_all then return stir(process) end
  if redis.call('HEXISTS', IDLERS, process) == 1 then return end
  local since, numbers, members = struct.pack('>d', micros), {}, {}
  for i, queue in ipairs(queues) do
    numbers[i] = queue_bytes(queue)
    members[2 * i - 1], members[2 * i] = 0, numbers[i] .. since .. process
  end
  redis.call('HSET', IDLERS, process, since .. table.concat(numbers))
  redis.call('ZADD', IDLE, unpack(members))
end`,
};
