import { changes } from './changes.ts';
import type { Part } from './script.ts';
import { wake } from './wake.ts';

/**
 * The change that nearly all are: a run under its lease ends, and sets what such an end sets. Where the row has no keys
 * and nobody asked to cancel, its bytes are patched; else it is a change as any other.
 */
export const ends: Part = {
  keys: ['tasks', 'running-tasks', 'ended', 'counts', 'leases', 'results', 'result-ends'],
  needs: [changes, wake],
  lua: `
local patched, stopped, finished, tally, left = {}, {}, {}, {}, {}
local finish_texts, results_of, result_list = {}, {}, {}
local last_queue, last_state, last_field

local function slow_end(id, held, block, result)
  local c, set = { id = id, kind = 0, lease = struct.unpack('<d', held) }, {}
  set.state, set.startedAt, set.deadlineAt, set.attempt, set.finishedAt = struct.unpack('<Bdddd', block)
  c.set = set
  if result then c.resultEnds, c.result = struct.unpack('<d', result), result:sub(13) end
  return c
end

-- \`held\`: lease and state as they stand in a row that runs; \`block\`: what takes the place of state and the times.
local function end_run(id, held, block, result, now)
  local packed = stored[id]
  if rows[id] ~= nil or not is_row(packed) or packed:sub(9, 17) ~= held then
    return apply(slow_end(id, held, block, result), now)
  end
  local flags = packed:byte(50)
  if flags % 2 == 1 or flags > 7 then return apply(slow_end(id, held, block, result), now) end
  local tail, queue = struct.unpack('<HI2c0', packed, 117)
  local session, finish, n = packed:sub(tail), block:sub(26), #patched
  packed = packed:sub(1, 16) .. block .. packed:sub(50)
  stored[id], patched[n + 1], patched[n + 2] = packed, id, packed
  finish_texts[finish] = finish_texts[finish] or string.format('%.17g', (struct.unpack('<d', finish)))
  finished[n + 1], finished[n + 2], stopped[#stopped + 1] = finish_texts[finish], id, id
  if queue ~= last_queue or block:byte(1) ~= last_state then
    last_queue, last_state, last_field = queue, block:byte(1), block:byte(1) .. queue
  end
  tally[last_field], left[session] = (tally[last_field] or 0) + 1, (left[session] or 0) + 1
  tally[RUNNING .. queue] = (tally[RUNNING .. queue] or 0) - 1
  if result then
    results_of[#results_of + 1], result_list[#result_list + 1] = id, held:sub(1, 8) .. result
  end
  return has_children(id) and 'd' or 'a'
end

local function flush_results()
  local fresh = {}
  for i, known in ipairs(hmget(RESULTS, results_of)) do
    local id, entry = results_of[i], result_list[i]
    local lease, ends = struct.unpack('<dd', entry)
    if known then put_result(id, lease, ends, entry:sub(21))
    else
      fresh[#fresh + 1], fresh[#fresh + 2] = id, entry
      if ends ~= NEVER then redis.call('ZADD', RESULT_ENDS, ends, result_end(id, lease)) end
    end
  end
  batched('HSET', RESULTS, fresh)
end

local function flush_ends()
  if #stopped == 0 then return false end
  batched('ZREM', RUNNING_TASKS, stopped)
  batched('HSET', TASKS, patched)
  batched('ZADD', ENDED, finished)
  flush_results()
  for field, change in pairs(tally) do redis.call('HINCRBY', COUNTS, field, change) end
  for session, count in pairs(left) do
    if redis.call('HINCRBY', LEASES, session, -count) == 0 then redis.call('HDEL', LEASES, session) end
  end
  return true
end

-- Segments of changes of one form: 0 any, 1 ends, 2 ends with a result.
local function read_segments(blob)
  local segments, ids, at = {}, {}, 1
  while at <= #blob do
    local s, count = { ids = {}, held = {}, blocks = {}, results = {} }, nil
    s.form, count, at = struct.unpack('<BI4', blob, at)
    if s.form == 0 then
      s.list, at = read_changes(blob, count, at)
      for _, c in ipairs(s.list) do
        ids[#ids + 1] = c.id
        for _, r in ipairs(c.rows or {}) do ids[#ids + 1] = r.id end
      end
    else
      local i_d, held, blocks, results = s.ids, s.held, s.blocks, s.results
      for i = 1, count do
        if s.form == 1 then i_d[i], held[i], blocks[i], at = struct.unpack('<I2c0c9c33', blob, at)
        else i_d[i], held[i], blocks[i], results[i], at = struct.unpack('<I2c0c9c33I4c0', blob, at) end
        ids[#ids + 1] = i_d[i]
      end
    end
    segments[#segments + 1] = s
  end
  preload(ids)
  return segments
end

local function apply_all(segments, now)
  local outcomes, holders, n = {}, {}, 0
  for _, s in ipairs(segments) do
    for i, c in ipairs(s.list or s.ids) do
      local holder
      n = n + 1
      if s.list then outcomes[n], holder = apply(c, now)
      else outcomes[n], holder = end_run(c, s.held[i], s.blocks[i], s.results[i], now) end
      if holder then holders[#holders + 1] = holder end
    end
  end
  local ended = flush_ends()
  local claimable, slowly_ended = flush()
  wake(came)
  wake(claimable)
  if ended or slowly_ended then tell_ends() end
  return outcomes, holders
end`,
};
