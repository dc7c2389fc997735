import { row } from './row.ts';
import type { Part } from './script.ts';

/**
 * Where a task stands besides its row. Members of \`due\` all have the score 0 and are kept in the order of their bytes:
 * queue, priority (turned round), run-at, insert number, which is the promised order exactly; a score, being a double,
 * has no room for it. Then comes \`s\` and the id, or a run of many; see there.
 */
export const places: Part = {
  keys: ['queues', 'heads'],
  needs: [row],
  lua: `
local numbers, heads = {}, {}

local function queue_number(queue)
  local number = numbers[queue]
  if not number then
    number = tonumber(redis.call('HGET', QUEUES, queue))
    if not number then
      number = redis.call('HLEN', QUEUES) + 1
      redis.call('HSET', QUEUES, queue, number)
    end
    numbers[queue] = number
  end
  return number
end

local function queue_bytes(queue) return struct.pack('>I4', queue_number(queue)) end

local function due_member(queue, priority, runAt, seq, id)
  return struct.pack('>I4Hdd', queue_number(queue), 1000 - priority, runAt + BIAS, seq) .. 's' .. id
end

local function behind_member(queue, runAt, seq, id)
  return struct.pack('>I4dd', queue_number(queue), runAt + BIAS, seq) .. id
end

local function head_of(key)
  if heads[key] == nil then heads[key] = redis.call('HGET', HEADS, key) end
  return heads[key]
end

local function places(m)
  local state, p = m.state, { state = m.state }
  if state == WAITING then
    if m.orderKey == '' or head_of(m.orderKey) == m.id then
      p.due = due_member(m.queue, m.priority, m.runAt, m.seq, m.id)
    else
      p.behind = behind_member(m.queue, m.runAt, m.seq, m.id)
    end
  elseif state == RUNNING then
    p.running, p.cancelling = m.deadlineAt, m.flags % 2 == 1
  elseif state > RUNNING and m.finishedAt ~= NONE then
    p.ended = m.finishedAt
  end
  if state < RUNNING and m.expiresAt ~= NONE then p.expiring = m.expiresAt end
  return p
end`,
};
