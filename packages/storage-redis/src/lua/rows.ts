import { batched } from './batched.ts';
import { places } from './places.ts';
import { row } from './row.ts';
import type { Part } from './script.ts';

/**
 * The rows that a call works on: read once, changed in place, and written in the end, with their moves from place to
 * place, by one command for each kind. Call \`touch\` before the first change of a row.
 */
export const rows: Part = {
  keys: ['tasks', 'due', 'behind', 'running-tasks', 'cancelling', 'expiring', 'ended', 'counts', 'leases'],
  needs: [row, batched, places],
  lua: `
local stored, rows, dirty = {}, {}, {}

local function preload(ids)
  for i, value in ipairs(hmget(TASKS, ids)) do stored[ids[i]] = value end
end

local function find(id)
  if rows[id] == nil then
    if stored[id] == nil then stored[id] = redis.call('HGET', TASKS, id) end
    rows[id] = is_row(stored[id]) and unpack_row(id, stored[id]) or false
  end
  return rows[id]
end

local function touch(m)
  if m.was then return end
  m.was = places(m)
  dirty[#dirty + 1] = m
end

local function move(list, key, add, was, is, id)
  if was == is then return end
  local kind = list[key] or { gone = {}, came = {} }
  list[key] = kind
  if add == 'member' then
    if was then kind.gone[#kind.gone + 1] = was end
    if is then kind.came[#kind.came + 1], kind.came[#kind.came + 2] = 0, is end
  elseif is then kind.came[#kind.came + 1], kind.came[#kind.came + 2] = is, id
  else kind.gone[#kind.gone + 1] = id end
end

local function add_to(tally, field) tally[field] = (tally[field] or 0) + 1 end

-- Returns at which queues how many tasks became claimable, and whether any ended.
local function flush()
  local packed, moves, counts, leases, claimable, ended = {}, {}, {}, {}, {}, false
  for _, m in ipairs(dirty) do
    local was, is, id = m.was, places(m), m.id
    packed[#packed + 1], packed[#packed + 2] = id, pack_row(m)
    move(moves, DUE, 'member', was.due, is.due, id)
    if is.due and is.due ~= was.due then add_to(claimable, is.due:sub(1, 4)) end
    if is.state > RUNNING and was.state <= RUNNING then ended = true end
    move(moves, BEHIND, 'member', was.behind, is.behind, id)
    move(moves, RUNNING_TASKS, 'score', was.running, is.running, id)
    move(moves, EXPIRING, 'score', was.expiring, is.expiring, id)
    move(moves, ENDED, 'score', was.ended, is.ended, id)
    if was.running and not is.running then leases[m.session] = (leases[m.session] or 0) - 1 end
    if is.running and not was.running then leases[m.session] = (leases[m.session] or 0) + 1 end
    if (was.cancelling or false) ~= (is.cancelling or false) then
      redis.call(is.cancelling and 'SADD' or 'SREM', CANCELLING, id)
    end
    if was.state ~= is.state then
      counts[was.state .. m.queue] = (counts[was.state .. m.queue] or 0) - 1
      counts[is.state .. m.queue] = (counts[is.state .. m.queue] or 0) + 1
    end
  end
  for key, kind in pairs(moves) do
    batched('ZREM', key, kind.gone)
    batched('ZADD', key, kind.came)
  end
  batched('HSET', TASKS, packed)
  for field, change in pairs(counts) do
    if change ~= 0 then redis.call('HINCRBY', COUNTS, field, change) end
  end
  for session, change in pairs(leases) do
    if redis.call('HINCRBY', LEASES, session, change) == 0 then redis.call('HDEL', LEASES, session) end
  end
  return claimable, ended
end`,
};
