import { batched } from './batched.ts';
import { batches } from './batches.ts';
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
  keys: ['tasks', 'order', 'running-tasks', 'running-batches', 'ended', 'ended-batches', 'expiring'],
  needs: [row, batched, batches, emit],
  lua: `
local FEW, STEP, MOST = 3000, 20, 2000
local INDEXES = { running = RUNNING_TASKS, ended = ENDED, expiring = EXPIRING }
local BATCHED = { running = RUNNING_BATCHES, ended = ENDED_BATCHES }
local newest, limit, states = ARGV[3] == '1', tonumber(ARGV[5]), tonumber(ARGV[6])
local after = ARGV[4] ~= '' and tonumber(ARGV[4]) or (newest and math.huge or -1)
local dueBy, dueAfter, expiresBy = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local deadlineBy, finishedBy, session = tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12]
local queues, names, queue_end = {}, {}, 13 + tonumber(ARGV[13])
for i = 14, queue_end do queues[ARGV[i]] = true end
for i = queue_end + 1, #ARGV do names[ARGV[i]] = true end
local by_queue, by_name = queue_end > 13, #ARGV > queue_end

local function matches(id, value, packed)
  if states and math.floor(states / 2 ^ state_of(packed)) % 2 == 0 then return false end
  local deadlineAt, _, finishedAt, _, _, runAt, expiresAt = struct.unpack('<dddBhdd', packed, 26)
  if dueBy and runAt > dueBy or dueAfter and runAt <= dueAfter or expiresBy and expiresAt > expiresBy
    or deadlineBy and deadlineAt > deadlineBy then return false end
  if finishedBy and finishedAt > finishedBy then return false end
  if by_queue and not queues[struct.unpack('<I2c0', packed, 119)] then return false end
  if session ~= '' and session_of(packed) ~= session then return false end
  if not by_name then return true end
  local body = body_of(id, value)
  return body ~= '' and names[(struct.unpack('<I2c0', body))] == true
end

local out, found, at = {}, 0, after

local function offer(id, value)
  if not is_row(value) then return false end
  local packed = row_of(value)
  if not matches(id, value, packed) then return false end
  if found == limit then return true end
  found, at = found + 1, (struct.unpack('>d', packed))
  emit_whole(out, id, value)
end

local function answer(what) return { table.concat(out), string.format('%.0f', at), what } end

local index = INDEXES[ARGV[1]]
local whole = BATCHED[ARGV[1]]
local many = index and redis.call('ZCOUNT', index, '-inf', ARGV[2]) + 100 * (whole and redis.call('ZCOUNT', whole, '-inf', ARGV[2]) or 0)
if index and many <= FEW then
  local ids, few = redis.call('ZRANGEBYSCORE', index, '-inf', ARGV[2]), {}
  local names, offered = {}, {}
  for _, name in ipairs(whole and redis.call('ZRANGEBYSCORE', whole, '-inf', ARGV[2]) or {}) do
    for _, id in ipairs(ids_in(batch_at(name))) do ids[#ids + 1], names[#ids + 1] = id, name end
  end
  for i, value in ipairs(hmget(TASKS, ids)) do
    if is_row(value) and (not names[i] or belongs(value, names[i])) and not offered[ids[i]] then
      local seq = seq_of(value)
      offered[ids[i]] = true
      if newest and seq < after or not newest and seq > after then
        few[#few + 1] = { id = ids[i], value = value, seq = seq }
      end
    end
  end
  table.sort(few, function(a, b) if newest then return a.seq > b.seq end return a.seq < b.seq end)
  for _, one in ipairs(few) do
    if offer(one.id, one.value) then return answer('more') end
  end
  return answer('end')
end

-- What a member of \`order\` stands for, in the order asked for: ids after the place where the page before ended.
local function ids_of(member)
  if member:byte(9) == 115 then return { member:sub(10) } end
  local b, ids = batch_at(member:sub(1, 8)), {}
  for index, id in ipairs(ids_in(b)) do
    local seq = b.seq + index - 1
    if newest and seq < after then table.insert(ids, 1, id) elseif not newest and seq > after then ids[#ids + 1] = id end
  end
  return ids
end

local function last_of(member)
  local seq = struct.unpack('>d', member)
  return member:byte(9) == 98 and not newest and seq + struct.unpack('>H', member, 10) - 1 or seq
end

local function page_from(place, count)
  if newest then return redis.call('ZREVRANGEBYLEX', ORDER, place, '-', 'LIMIT', 0, count) end
  return redis.call('ZRANGEBYLEX', ORDER, place, '+', 'LIMIT', 0, count)
end

local looked, place = 0, nil
if newest then place = after == math.huge and '+' or '(' .. struct.pack('>d', after)
else
  place = after < 0 and '-' or '(' .. struct.pack('>d', after) .. '\\255'
  -- The page before may have ended within a batch.
  local before = after >= 0 and redis.call('ZREVRANGEBYLEX', ORDER, place, '-', 'LIMIT', 0, 1)[1]
  if before and last_of(before) > after then place = '[' .. before end
end
while looked < MOST do
  local members, ids, names = page_from(place, STEP), {}, {}
  for _, member in ipairs(members) do
    local name = member:byte(9) == 98 and member:sub(1, 8)
    for _, id in ipairs(ids_of(member)) do ids[#ids + 1], names[#ids + 1] = id, name end
  end
  for i, value in ipairs(hmget(TASKS, ids)) do
    if (not names[i] or belongs(value, names[i])) and offer(ids[i], value) then return answer('more') end
  end
  if #members < STEP then return answer('end') end
  looked, place = looked + #ids, '(' .. members[#members]
  at = last_of(members[#members])
end
return answer('on')`,
});
