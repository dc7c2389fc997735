import { insertRows } from './insert-rows.ts';
import { results } from './results.ts';
import type { Part } from './script.ts';

/**
 * Applies guarded changes, in order. Outcomes are letters: applied, dependents (applied, and others wait for it), stale,
 * missing, cancelled, taken. What a change sets is often the same for a whole batch and is then read once.
 */
export const changes: Part = {
  keys: ['errors', 'progress', 'history'],
  needs: [insertRows, results],
  lua: `
local sets = {}
local SET = { { 1, '<B', 'state' }, { 2, '<h', 'priority' }, { 4, '<d', 'runAt' }, { 8, '<d', 'expiresAt' },
  { 16, '<d', 'attempt' }, { 32, '<d', 'crashes' }, { 64, '<d', 'redrives' }, { 128, '<B', 'cancelRequested' },
  { 256, '<d', 'startedAt' }, { 512, '<d', 'finishedAt' }, { 1024, '<d', 'deadlineAt' }, { 2048, '<I2c0', 'reason' },
  { 4096, '<I4c0', 'error' }, { 8192, '<I4c0', 'progress' } }
local PLAIN = { 'priority', 'runAt', 'expiresAt', 'attempt', 'crashes', 'redrives', 'startedAt', 'finishedAt', 'reason' }

local function set_of(text)
  if sets[text] then return sets[text] end
  local set, mask, at = {}, struct.unpack('<I2', text)
  for _, field in ipairs(SET) do
    if bit.band(mask, field[1]) ~= 0 then set[field[3]], at = struct.unpack(field[2], text, at) end
  end
  sets[text] = set
  return set
end

local function read_changes(blob, count, at)
  local list = {}
  for i = 1, count do
    local c, extras, set = {}, nil, nil
    c.id, c.kind, extras, at = struct.unpack('<I2c0BB', blob, at)
    if c.kind < 2 then c.lease, at = struct.unpack('<d', blob, at)
    elseif c.kind == 2 then c.states, at = struct.unpack('<B', blob, at)
    else c.parent, at = struct.unpack('<I2c0', blob, at) end
    set, at = struct.unpack('<I4c0', blob, at)
    c.set = set_of(set)
    if extras % 2 == 1 then c.resultEnds, c.result, at = struct.unpack('<dI4c0', blob, at) end
    if extras % 4 > 1 then c.record, at = struct.unpack('<I4c0', blob, at) end
    if extras > 3 then
      local rows, text
      rows, text, at = struct.unpack('<I4I4c0', blob, at)
      c.rows = read_rows(text, rows)
    end
    list[i] = c
  end
  return list, at
end

-- A blob of a row: the first byte tells none from empty.
local function keep_blob(m, key, bit_of, value)
  local has = math.floor(m.flags / bit_of) % 2 == 1
  if value == '' then
    if has then redis.call('HDEL', key, m.id) m.flags = m.flags - bit_of end
    return
  end
  redis.call('HSET', key, m.id, value)
  if not has then m.flags = m.flags + bit_of end
end

local function set_fields(m, set)
  for _, field in ipairs(PLAIN) do
    if set[field] ~= nil then m[field] = set[field] end
  end
  if set.cancelRequested then m.flags = m.flags - m.flags % 2 + set.cancelRequested end
  if set.error then keep_blob(m, ERRORS, 2, set.error) end
  if set.progress then keep_blob(m, PROGRESS, 4, set.progress) end
  if set.state then m.state = set.state end
  if set.state and set.state ~= RUNNING then m.deadlineAt = NONE
  elseif set.deadlineAt then m.deadlineAt = set.deadlineAt end
end

local function revives(m, set) return m.state > RUNNING and set.state and set.state <= RUNNING end

local function refusal_of(c, m, now)
  if not m then return 'm' end
  if c.kind < 2 then
    if m.state ~= RUNNING or m.lease ~= c.lease then return 's' end
    return c.kind == 1 and m.flags % 2 == 1 and 'c' or nil
  end
  if c.kind == 3 then return not take_edge(c.id, c.parent) and 's' or nil end
  if math.floor(c.states / 2 ^ m.state) % 2 == 0 then return 's' end
  if not revives(m, c.set) or m.uniqueKey == '' then return nil end
  local holder = held_by_other(m.uniqueKey, m.id, m.uniqueUntil, now)
  if holder then return 't', holder end
end

-- What a change of state brings with it.
local function follow(m, before, was_in_line, now)
  if before <= RUNNING and m.state > RUNNING then release(m)
  elseif before > RUNNING and m.state <= RUNNING and m.uniqueKey ~= '' then
    if not held_by_other(m.uniqueKey, m.id, m.uniqueUntil, now) then hold(m.uniqueKey, m.id, m.uniqueUntil, now) end
  end
  if m.orderKey == '' then return end
  if was_in_line and not in_line(m) then leave(m) elseif in_line(m) and not was_in_line then stand(m) end
  line_up(m.orderKey)
end

-- At which queues how many rows came with changes.
local came = {}

local function apply(c, now)
  local m = find(c.id)
  local refusal, holder = refusal_of(c, m, now)
  if refusal then return refusal, holder end
  touch(m)
  local before, was_in_line = m.state, in_line(m)
  if c.kind == 3 then
    m.waitsFor = m.waitsFor - 1
    if m.state == BLOCKED and m.waitsFor == 0 then m.state = WAITING end
  end
  set_fields(m, c.set)
  if m.state ~= before then follow(m, before, was_in_line, now) end
  if c.result then put_result(m.id, c.lease or m.lease, c.resultEnds, c.result) end
  if c.record then
    local entry = struct.pack('<dI4', m.lease, #c.record) .. c.record
    redis.call('HSET', HISTORY, m.id, (redis.call('HGET', HISTORY, m.id) or '') .. entry)
  end
  if c.rows then
    for queue, count in pairs(insert_rows(c.rows, (judge(c.rows, now, now, true)), now)) do
      came[queue] = (came[queue] or 0) + count
    end
  end
  return has_children(m.id) and 'd' or 'a'
end`,
};
