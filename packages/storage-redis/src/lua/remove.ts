import { edges } from './edges.ts';
import { leaveBatch } from './leave-batch.ts';
import { results } from './results.ts';
import { rows } from './rows.ts';
import { script, type Script } from './script.ts';

/** ARGV: until when the ids are remembered, ids. Answers how many went. */
export const remove: Script = script('remove', {
  keys: ['tasks', 'bodies', 'errors', 'progress', 'history', 'order', 'ended', 'counts', 'gone'],
  needs: [rows, edges, results, leaveBatch],
  lua: `
local untilTime, count, ids = tonumber(ARGV[1]), 0, { unpack(ARGV, 2) }
preload(ids)
local gone_from = {}

local function forget(m)
  for _, key in ipairs({ ERRORS, PROGRESS, HISTORY }) do redis.call('HDEL', key, m.id) end
  if m.pointer then gone_from[batch_of(m.pointer)] = (gone_from[batch_of(m.pointer)] or 0) + 1
  else
    redis.call('HDEL', BODIES, m.id)
    redis.call('ZREM', ORDER, struct.pack('>d', m.seq) .. 's' .. m.id)
    redis.call('ZREM', ENDED, m.id)
  end
  for _, each in ipairs(edges_from(edge('c', m.id), -1)) do
    local _, parent = struct.unpack('>I2c0I2c0', each, 2)
    take_edge(m.id, parent)
  end
  remove_results(m.id, math.huge)
  redis.call('HINCRBY', COUNTS, m.state .. m.queue, -1)
  redis.call('HSET', TASKS, m.id, struct.pack('<d', untilTime))
  redis.call('ZADD', GONE, untilTime, m.id)
  rows[m.id] = false
end

for _, id in ipairs(ids) do
  local m = find(id)
  if m and m.state > RUNNING and not has_children(id) then
    forget(m)
    count = count + 1
  end
end
for name, gone in pairs(gone_from) do leave_batch(name, gone) end
return count`,
});
