import { row } from './row.ts';
import { script, type Script } from './script.ts';

/** ARGV: now. Answers queue, state and count, three values each. What waits is counted from its places. */
export const count: Script = script('count', {
  keys: ['counts', 'queues', 'due', 'behind'],
  needs: [row],
  lua: `
local now, out = tonumber(ARGV[1]) + BIAS, {}

local function add(queue, state, n)
  if n > 0 then
    out[#out + 1], out[#out + 2], out[#out + 3] = queue, state, n
  end
end

local counts = redis.call('HGETALL', COUNTS)
for i = 1, #counts, 2 do
  local state = tonumber(counts[i]:sub(1, 1))
  if state and state ~= WAITING then add(counts[i]:sub(2), state, tonumber(counts[i + 1])) end
end

local function due_of(number)
  local from, stop, n = struct.pack('>I4', number), '(' .. struct.pack('>I4', number + 1), 0
  local place = '[' .. from
  while true do
    local head = redis.call('ZRANGEBYLEX', DUE, place, stop, 'LIMIT', 0, 1)[1]
    if not head then return n, redis.call('ZLEXCOUNT', DUE, '[' .. from, stop) end
    local _, rank = struct.unpack('>I4H', head)
    n = n + redis.call('ZLEXCOUNT', DUE, place, '(' .. struct.pack('>I4Hd', number, rank, now) .. '\\255')
    place = '[' .. struct.pack('>I4H', number, rank + 1)
  end
end

local queues = redis.call('HGETALL', QUEUES)
for i = 1, #queues, 2 do
  local number = tonumber(queues[i + 1])
  local due, all = due_of(number)
  local from, stop = '[' .. struct.pack('>I4', number), '(' .. struct.pack('>I4', number + 1)
  local behind_due = redis.call('ZLEXCOUNT', BEHIND, from, '(' .. struct.pack('>I4d', number, now) .. '\\255')
  local behind = redis.call('ZLEXCOUNT', BEHIND, from, stop)
  local bare = tonumber(redis.call('HGET', COUNTS, 'r' .. queues[i]) or 0)
  local members = tonumber(redis.call('HGET', COUNTS, 'm' .. queues[i]) or 0)
  add(queues[i], 'pending', due - members + bare + behind_due)
  add(queues[i], 'scheduled', all + behind - due - behind_due)
end
return out`,
});
