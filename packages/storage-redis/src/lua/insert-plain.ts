import { batched } from './batched.ts';
import { clock } from './clock.ts';
import { forget } from './forget.ts';
import { row } from './row.ts';
import { script, type Script } from './script.ts';
import { wake } from './wake.ts';

/**
 * Inserts rows that nothing but their id can keep out, as most are: no unique key, ordering key or parent. ARGV: now,
 * count, rows, queues. Numbers are taken for all rows, whether they go in or not. Answers the outcomes, a letter each.
 */
export const insertPlain: Script = script('insert', {
  keys: ['tasks', 'bodies', 'counters', 'order', 'due', 'expiring', 'queues', 'gone'],
  needs: [row, clock, batched, forget, wake],
  lua: `
local now, count, blob, at = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], 1
local micros = store_micros()
local refusal = ahead(now, micros)
if refusal then return refusal end
local time = math.max(now, math.floor(micros / 1000))
local ids, admit, queues, places, images, bodies = {}, {}, {}, {}, {}, {}
for i = 1, count do
  ids[i], admit[i], queues[i], places[i], images[i], bodies[i], at = struct.unpack('<I2c0dI2c10I2c0I4c0', blob, at)
end
local known = hmget(TASKS, ids)
-- Refused where memory is full, and the first write: so all rows go in or none.
local seq, numbers = redis.call('HINCRBY', COUNTERS, 'task', count) - count, {}
for i = 4, #ARGV do
  local number = redis.call('HGET', QUEUES, ARGV[i])
  if not number then
    number = redis.call('HLEN', QUEUES) + 1
    redis.call('HSET', QUEUES, ARGV[i], number)
  end
  numbers[i - 4] = struct.pack('>I4', tonumber(number))
end
local outcomes, fresh, rows, kept, order, due, expiring, claimable, n = {}, {}, {}, {}, {}, {}, {}, {}, 0
for i, id in ipairs(ids) do
  local stored = known[i]
  if fresh[id] or stored and (#stored > 8 or struct.unpack('<d', stored) > now) then outcomes[i] = 'e'
  elseif time > admit[i] then outcomes[i] = 'l'
  else
    local image, number = images[i], struct.pack('>d', seq + i)
    outcomes[i], fresh[id] = 'i', true
    rows[n + 1], rows[n + 2], kept[n + 1], kept[n + 2] = id, number .. image, id, bodies[i]
    order[n + 1], order[n + 2], due[n + 1], due[n + 2] = '0', number .. 's' .. id, '0', numbers[queues[i]] .. places[i] .. number .. 's' .. id
    n = n + 2
    claimable[numbers[queues[i]]] = (claimable[numbers[queues[i]]] or 0) + 1
    local expiresAt = struct.unpack('<d', image, 53)
    if expiresAt ~= NONE then expiring[#expiring + 1], expiring[#expiring + 2] = expiresAt, id end
  end
end
if n == 0 then return table.concat(outcomes) end
batched('HSET', TASKS, rows)
batched('HSET', BODIES, kept)
batched('ZADD', ORDER, order)
batched('ZADD', DUE, due)
batched('ZADD', EXPIRING, expiring)
forget_ids(now, count + 64)
wake(claimable)
return table.concat(outcomes)`,
});
