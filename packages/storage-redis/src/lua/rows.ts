import { batched } from './batched.ts';
import { batches } from './batches.ts';
import { endedBatches } from './ended-batches.ts';
import { places } from './places.ts';
import { results } from './results.ts';
import { row } from './row.ts';
import { runs } from './runs.ts';
import type { Part } from './script.ts';

/**
 * The rows that a call works on: read once, changed in place, and written in the end, with their moves from place to
 * place, by one command for each kind. Call \`touch\` before the first change of a row.
 */
export const rows: Part = {
  keys: ['tasks', 'due', 'behind', 'running-tasks', 'cancelling', 'expiring', 'ended', 'counts', 'leases'],
  needs: [row, batched, places, batches, runs, endedBatches, results],
  lua: `
local stored, rows, dirty = {}, {}, {}

local function preload(ids)
  for i, value in ipairs(hmget(TASKS, ids)) do stored[ids[i]] = value end
end

local function find(id)
  if rows[id] == nil then
    if stored[id] == nil then stored[id] = redis.call('HGET', TASKS, id) end
    local value = stored[id]
    rows[id] = is_row(value) and unpack_row(id, row_of(value)) or false
    if rows[id] and in_batch(value) then
      rows[id].pointer, rows[id].bare, rows[id].ended = value:sub(1, POINTER), is_bare(value), is_short_end(value)
    end
  end
  return rows[id]
end

-- A task of a batch gets a row of its own: it leaves its run, or its claim.
local function stand_alone(m)
  local b, index = place_in_batch(m.pointer)
  if m.state == RUNNING then
    local c = claim_on(b, index)
    c.left = c.left - 1
    claims_changed(b)
  else leave_run(m.was.due, b, index) end
end

local function touch(m)
  if m.was then return end
  m.was = places(m)
  dirty[#dirty + 1] = m
  if m.bare then stand_alone(m) elseif m.ended then stored[m.id] = take_out(m.id, stored[m.id]) end
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
    packed[#packed + 1], packed[#packed + 2] = id, (m.pointer or '') .. pack_row(m)
    move(moves, DUE, 'member', not m.bare and was.due or nil, is.due, id)
    if is.due and is.due ~= was.due then add_to(claimable, is.due:sub(1, 4)) end
    if is.state > RUNNING and was.state <= RUNNING then ended = true end
    move(moves, BEHIND, 'member', was.behind, is.behind, id)
    move(moves, RUNNING_TASKS, 'score', not m.bare and was.running or nil, is.running, id)
    move(moves, EXPIRING, 'score', was.expiring, is.expiring, id)
    if not m.pointer then move(moves, ENDED, 'score', was.ended, is.ended, id)
    elseif is.ended then ended_in(batch_of(m.pointer), is.ended) end
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
  -- The first write frees memory, or could: so none is refused where memory is full.
  if #dirty > 0 then redis.call('SREM', CANCELLING, '') end
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
  write_ended()
  write_claims()
  return claimable, ended
end`,
};
