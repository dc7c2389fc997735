import { batches } from './batches.ts';
import type { Part } from './script.ts';

/**
 * Results of a task, by lease: lease, when it may be forgotten, length and value, one after the other; nearly always
 * there is one, and then it often stands in \`tasks\`. All in one hash: a key for each, which the server could forget by itself, costs twice as much of its time.
 */
export const results: Part = {
  keys: ['tasks', 'results', 'result-ends'],
  needs: [batches],
  lua: `
local NEVER = 9e15

local function result_end(id, lease) return struct.pack('>d', lease) .. id end

-- Leaves out those for which \`drop\` says so.
local function result_entries(id, drop)
  local all, at, kept = redis.call('HGET', RESULTS, id), 1, {}
  while all and at <= #all do
    local from, lease, ends, length = at, nil, nil, nil
    lease, ends, length, at = struct.unpack('<ddI4', all, at)
    at = at + length
    if not drop(lease, ends) then kept[#kept + 1] = all:sub(from, at - 1)
    elseif ends ~= NEVER then redis.call('ZREM', RESULT_ENDS, result_end(id, lease)) end
  end
  return table.concat(kept)
end

local function put_result(id, lease, ends, value)
  local others = result_entries(id, function(each) return each == lease end)
  redis.call('HSET', RESULTS, id, others .. struct.pack('<ddI4', lease, ends, #value) .. value)
  if ends ~= NEVER then redis.call('ZADD', RESULT_ENDS, ends, result_end(id, lease)) end
end

-- A result that stands behind an end goes to the others: before they change, and before the row does.
local function take_out(id, value)
  local entry, rest = result_in(value)
  if not entry then return value end
  redis.call('HSET', RESULTS, id, entry .. (redis.call('HGET', RESULTS, id) or ''))
  redis.call('HSET', TASKS, id, rest)
  return rest
end

local function take_out_of(id)
  local value = redis.call('HGET', TASKS, id)
  if value and in_batch(value) then take_out(id, value) end
end

local function remove_results(id, below)
  local kept = result_entries(id, function(lease) return lease < below end)
  if kept == '' then redis.call('HDEL', RESULTS, id) else redis.call('HSET', RESULTS, id, kept) end
end

local function drop_result(id, lease)
  local kept = result_entries(id, function(each) return each == lease end)
  if kept == '' then redis.call('HDEL', RESULTS, id) else redis.call('HSET', RESULTS, id, kept) end
end`,
};
