import { batched } from './batched.ts';
import { clock } from './clock.ts';
import { forget } from './forget.ts';
import { script, type Script } from './script.ts';
import { wake } from './wake.ts';

/**
 * Inserts rows that are due and that nothing but their id can keep out, as batches. ARGV: now, count, the earliest
 * admission deadline, then queue, priority and run-at as in \`due\`, and the batch, of each. Answers 0, and has written
 * nothing, where one of the ids is known or one of the rows may be late: another script then tells which.
 */
export const insertBatches: Script = script('insert', {
  keys: ['tasks', 'batches', 'counters', 'order', 'due', 'queues', 'counts', 'gone'],
  needs: [clock, batched, forget, wake],
  lua: `
local now, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local micros = store_micros()
local refusal = ahead(now, micros)
if refusal then return refusal end
if math.max(now, math.floor(micros / 1000)) > tonumber(ARGV[3]) then return 0 end
local ids, offsets, n = {}, {}, 0
for each = 4, #ARGV, 3 do
  local text = ARGV[each + 2]
  local at = 5 + struct.unpack('<H', text, 3)
  while at <= #text do
    local id, length, behind = struct.unpack('<I2c0I4', text, at)
    n = n + 1
    ids[n], offsets[n], at = id, at, behind + length
  end
end
for _, known in ipairs(hmget(TASKS, ids)) do
  if known then return 0 end
end
-- Refused where memory is full, and the first write: so all rows go in or none.
local seq = redis.call('HINCRBY', COUNTERS, 'task', count) - count + 1
local rows, order, due, texts, sizes, many, numbers = {}, {}, {}, {}, {}, {}, {}
n = 0
for each = 4, #ARGV, 3 do
  local queue, text = ARGV[each], ARGV[each + 2]
  if not numbers[queue] then
    local number = redis.call('HGET', QUEUES, queue)
    if not number then
      number = redis.call('HLEN', QUEUES) + 1
      redis.call('HSET', QUEUES, queue, number)
    end
    numbers[queue] = struct.pack('>I4', tonumber(number))
  end
  local size, first, place, k = struct.unpack('<H', text), seq + n, #texts, #order
  local name = struct.pack('>d', first)
  for index = 0, size - 1 do
    n = n + 1
    rows[2 * n - 1], rows[2 * n] = ids[n], struct.pack('>BdHI4', 1, first, index, offsets[n])
  end
  texts[place + 1], texts[place + 2], order[k + 1], order[k + 2] = name, text, 0, name .. 'b' .. struct.pack('>H', size)
  due[k + 1], due[k + 2] = 0, numbers[queue] .. ARGV[each + 1] .. name .. 'b'
    .. struct.pack('>c8HHI4I4', name, 0, size, 5 + struct.unpack('<H', text, 3), #text + 1)
  sizes[queue], many[queue] = (sizes[queue] or 0) + size, (many[queue] or 0) + 1
end
batched('HSET', TASKS, rows)
batched('HSET', BATCHES, texts)
batched('ZADD', ORDER, order)
batched('ZADD', DUE, due)
local claimable = {}
for queue, size in pairs(sizes) do
  redis.call('HINCRBY', COUNTS, 'r' .. queue, size)
  redis.call('HINCRBY', COUNTS, 'm' .. queue, many[queue])
  claimable[numbers[queue]] = size
end
forget_ids(now, count + 64)
wake(claimable)
return 1`,
});
