import { batched } from './batched.ts';
import { emit } from './emit.ts';
import { row } from './row.ts';
import { script, type Script } from './script.ts';

/**
 * One page, or as much of it as may be looked at in one call. ARGV: route, its bound, newest, after, limit, states, dueBy,
 * dueAfter, expiresBy, deadlineBy, finishedBy, session, number of queues, queues, names. Answers whole rows, the insert
 * number that it came to, and `end`, `more` (another row matches) or `on` (nothing is known of what follows).
 *
 * An index that leaves few rows is taken and sorted; else tasks are walked in their order, as matches are then not rare.
 */
export const list: Script = script('list', {
  keys: ['tasks', 'bodies', 'order', 'running-tasks', 'ended', 'expiring'],
  needs: [row, batched, emit],
  lua: `
local FEW, STEP, MOST = 3000, 250, 2000
local INDEXES = { running = RUNNING_TASKS, ended = ENDED, expiring = EXPIRING }
local newest, limit, states = ARGV[3] == '1', tonumber(ARGV[5]), tonumber(ARGV[6])
local after = ARGV[4] ~= '' and tonumber(ARGV[4]) or (newest and math.huge or -1)
local dueBy, dueAfter, expiresBy = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local deadlineBy, finishedBy, session = tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12]
local queues, names, queue_end = {}, {}, 13 + tonumber(ARGV[13])
for i = 14, queue_end do queues[ARGV[i]] = true end
for i = queue_end + 1, #ARGV do names[ARGV[i]] = true end
local by_queue, by_name = queue_end > 13, #ARGV > queue_end

local function matches(id, packed)
  if states and math.floor(states / 2 ^ state_of(packed)) % 2 == 0 then return false end
  local deadlineAt, _, finishedAt, _, _, runAt, expiresAt = struct.unpack('<dddBhdd', packed, 26)
  if dueBy and runAt > dueBy or dueAfter and runAt <= dueAfter or expiresBy and expiresAt > expiresBy
    or deadlineBy and deadlineAt > deadlineBy then return false end
  if finishedBy and finishedAt > finishedBy then return false end
  if by_queue and not queues[struct.unpack('<I2c0', packed, 119)] then return false end
  if session ~= '' and session_of(packed) ~= session then return false end
  if not by_name then return true end
  local body = redis.call('HGET', BODIES, id)
  return body and names[(struct.unpack('<I2c0', body))] == true
end

local out, found, at = {}, 0, after

local function offer(id, packed)
  if not is_row(packed) or not matches(id, packed) then return false end
  if found == limit then return true end
  found, at = found + 1, (struct.unpack('>d', packed))
  emit_whole(out, id, packed)
end

local function answer(what) return { table.concat(out), string.format('%.0f', at), what } end

local index = INDEXES[ARGV[1]]
if index and redis.call('ZCOUNT', index, '-inf', ARGV[2]) <= FEW then
  local ids, few = redis.call('ZRANGEBYSCORE', index, '-inf', ARGV[2]), {}
  for i, packed in ipairs(hmget(TASKS, ids)) do
    local seq = packed and struct.unpack('>d', packed)
    if packed and (newest and seq < after or not newest and seq > after) then
      few[#few + 1] = { id = ids[i], packed = packed, seq = seq }
    end
  end
  table.sort(few, function(a, b) if newest then return a.seq > b.seq end return a.seq < b.seq end)
  for _, one in ipairs(few) do
    if offer(one.id, one.packed) then return answer('more') end
  end
  return answer('end')
end

local looked, place = 0, nil
if newest then place = after == math.huge and '+' or '(' .. struct.pack('>d', after)
else place = after < 0 and '-' or '(' .. struct.pack('>d', after) .. '\\255' end
while looked < MOST do
  local page = newest and redis.call('ZREVRANGEBYLEX', ORDER, place, '-', 'LIMIT', 0, STEP)
    or redis.call('ZRANGEBYLEX', ORDER, place, '+', 'LIMIT', 0, STEP)
  local ids = {}
  for i, member in ipairs(page) do ids[i] = member:sub(9) end
  for i, packed in ipairs(hmget(TASKS, ids)) do
    if offer(ids[i], packed) then return answer('more') end
  end
  if #ids < STEP then return answer('end') end
  looked, place = looked + #ids, '(' .. page[#page]
  at = struct.unpack('>d', page[#page])
end
return answer('on')`,
});
