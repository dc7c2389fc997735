import { changes } from './changes.ts';
import type { Part } from './script.ts';
import { wake } from './wake.ts';

/**
 * The change that nearly all are: a run under its lease ends, and sets what such an end sets. Where the row has no keys
 * and nobody asked to cancel, its bytes are patched; else it is a change as any other.
 */
export const ends: Part = {
  keys: ['tasks', 'running-tasks', 'cancelling', 'ended', 'counts', 'leases', 'results', 'result-ends'],
  needs: [changes, wake],
  lua: `
local patched, stopped, finished, tally, left = {}, {}, {}, {}, {}
local results_of, result_list, has_results = {}, {}, {}
local last_queue, last_state, last_field, last_running
local LEAST, MOST = 42, 350

-- An end as it was sent: lease and state as they stand in a row that runs, nine bytes; what takes the place of state and
-- times; then the result, if there is one: when it may be forgotten, length and value.
local function slow_end(id, text)
  local c, set = { id = id, kind = 0, lease = struct.unpack('<d', text) }, {}
  set.state, set.startedAt, set.deadlineAt, set.attempt, set.finishedAt = struct.unpack('<Bdddd', text, 10)
  c.set = set
  if #text > LEAST then c.resultEnds, c.result = struct.unpack('<d', text, LEAST + 1), text:sub(LEAST + 13) end
  return c
end

local function note_end(id, value, result)
  local n = #patched
  stored[id], patched[n + 1], patched[n + 2] = value, id, value
  if result then results_of[#results_of + 1], result_list[#result_list + 1] = id, result end
end

local function result_of(text) return #text > LEAST and text:sub(1, 8) .. text:sub(LEAST + 1) end

local function tally_end(queue, session, state)
  if queue ~= last_queue or state ~= last_state then
    last_queue, last_state, last_field, last_running = queue, state, state .. queue, RUNNING .. queue
  end
  tally[last_field], left[session] = (tally[last_field] or 0) + 1, (left[session] or 0) + 1
  tally[last_running] = (tally[last_running] or 0) - 1
end

local function is_short(id, text)
  return #text == LEAST or #text <= MOST and struct.unpack('<d', text, LEAST + 1) == NEVER and not has_results[id]
end

-- Of a task that has no row yet: it gets no more than what was sent, behind its session.
local function end_bare(id, pointer, text)
  local b, index = place_in_batch(pointer)
  local c = claim_on(b, index)
  if not c or c.lease + index - c.from ~= struct.unpack('<d', text) then return 's' end
  if is_short(id, text) then note_end(id, pointer .. c.mark .. text)
  else note_end(id, pointer .. c.mark .. text:sub(1, LEAST), result_of(text)) end
  ended_in(b.name, (struct.unpack('<d', text, 35)))
  c.left = c.left - 1
  claims_changed(b)
  tally_end(b.queue, c.session, text:byte(10))
  return has_children(id) and 'd' or 'a'
end

local function end_run(id, text, now)
  local packed, pointer = stored[id], ''
  if rows[id] ~= nil or not is_row(packed) then return apply(slow_end(id, text), now) end
  if in_batch(packed) then
    if is_bare(packed) then return end_bare(id, packed, text) end
    if is_short_end(packed) then return 's' end
    pointer, packed = packed:sub(1, POINTER), packed:sub(POINTER + 1)
  end
  local flags = packed:byte(50)
  if packed:sub(9, 17) ~= text:sub(1, 9) or flags % 2 == 1 or flags > 7 then return apply(slow_end(id, text), now) end
  local tail, queue = struct.unpack('<HI2c0', packed, 117)
  note_end(id, pointer .. packed:sub(1, 16) .. text:sub(10, LEAST) .. packed:sub(50), result_of(text))
  local finishedAt = struct.unpack('<d', text, 35)
  if pointer == '' then finished[#finished + 1], finished[#finished + 2] = string.format('%.17g', finishedAt), id
  else ended_in(batch_of(pointer), finishedAt) end
  stopped[#stopped + 1] = id
  tally_end(queue, packed:sub(tail), text:byte(10))
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
  if #patched == 0 then return false end
  -- The first write frees memory, or could: so none is refused where memory is full.
  redis.call('SREM', CANCELLING, '')
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

-- Segments of changes of one form: 0 any, 1 ends.
local function read_segments(blob)
  local segments, ids, ends, at = {}, {}, {}, 1
  while at <= #blob do
    local form, count, s
    form, count, at = struct.unpack('<BI4', blob, at)
    if form == 0 then
      s = {}
      s.list, at = read_changes(blob, count, at)
      for _, c in ipairs(s.list) do
        ids[#ids + 1] = c.id
        for _, r in ipairs(c.rows or {}) do ids[#ids + 1] = r.id end
      end
    else
      local n, of, texts = #ids, {}, {}
      for i = 1, count do
        local id
        id, texts[i], at = struct.unpack('<I2c0I4c0', blob, at)
        ids[n + i], of[i], ends[#ends + 1] = id, id, id
      end
      s = { ids = of, texts = texts }
    end
    segments[#segments + 1] = s
  end
  preload(ids)
  if #ends > 0 and redis.call('EXISTS', RESULTS) == 1 then
    for i, known in ipairs(hmget(RESULTS, ends)) do has_results[ends[i]] = known end
  end
  return segments
end

local function apply_all(segments, now)
  local outcomes, holders, n = {}, {}, 0
  for _, s in ipairs(segments) do
    for i, c in ipairs(s.list or s.ids) do
      local holder
      n = n + 1
      if s.list then outcomes[n], holder = apply(c, now)
      else outcomes[n], holder = end_run(c, s.texts[i], now) end
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
