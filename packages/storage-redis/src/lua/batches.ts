import { row } from './row.ts';
import type { Part } from './script.ts';

/**
 * Rows that came together and differ in little are kept together: a batch holds what they share, one image, and then id
 * and body of each. A row of a batch has a pointer in \`tasks\` and nothing else: it waits, or runs under a claim that took a
 * range of its batch. The first change of its own gives it a row as any other, which stands behind its pointer. So
 * inserts and claims of many write little for each.
 *
 * An end that is the first change of its own is short as well: a mark (2, no row begins so), session, and what was sent,
 * with the result if that is short and kept as long as the task; see \`ends\`.
 *
 * A pointer: 1 (no row begins so), number of the batch's first row, which names the batch, index, and offset in the batch.
 * Claims of a batch: first index, count, how many have no row yet, how many started at once, first lease, time, session.
 */
export const batches: Part = {
  keys: ['batches', 'batch-claims', 'running-batches'],
  needs: [row],
  lua: `
local CLAIM, SHORT_END, POINTER = '<HHHHddI2c0', '<I2c0c8xc33', 15
local known_batches, by_number, changed_batches = {}, {}, {}

local function in_batch(value) return #value >= POINTER and value:byte(1) == 1 end

local function is_bare(value) return #value == POINTER end

local function is_short_end(value) return value:byte(POINTER + 1) == 2 end

local function batch_of(value) return value:sub(2, 9) end

local function batch_at(name)
  local b = known_batches[name]
  if b then return b end
  b = { name = name, seq = struct.unpack('>d', name), text = redis.call('HGET', BATCHES, name) }
  b.size, b.image, b.at = struct.unpack('<HI2c0', b.text)
  b.queue, b.hold = struct.unpack('<I2c0', b.image, 111), struct.unpack('<d', b.image, 61)
  b.attempts, b.rest = b.image:sub(26), b.image:sub(42)
  known_batches[name], by_number[b.seq] = b, b
  return b
end

-- The batch of a row, and its index there.
local function place_in_batch(value)
  local first, index = struct.unpack('>dH', value, 2)
  return by_number[first] or batch_at(batch_of(value)), index
end

local function claims_of(b)
  if b.claims then return b.claims end
  local list, text, at = {}, redis.call('HGET', BATCH_CLAIMS, b.name) or '', 1
  while at <= #text do
    local c = {}
    c.from, c.count, c.left, c.starting, c.lease, c.now, c.session, at = struct.unpack(CLAIM, text, at)
    c.mark = struct.pack('<BI2c0', 2, #c.session, c.session)
    list[#list + 1] = c
  end
  b.claims = list
  return list
end

local function claim_on(b, index)
  for _, c in ipairs(claims_of(b)) do
    if index >= c.from and index < c.from + c.count then return c end
  end
end

local function claims_changed(b) changed_batches[b.name] = b end

local function write_claims()
  for name, b in pairs(changed_batches) do
    local parts, first = {}, nil
    for _, c in ipairs(b.claims) do
      if c.left > 0 then
        parts[#parts + 1] = struct.pack(CLAIM, c.from, c.count, c.left, c.starting, c.lease, c.now, #c.session, c.session)
        first = math.min(first or NONE, c.now + b.hold)
      end
    end
    if first then
      redis.call('HSET', BATCH_CLAIMS, name, table.concat(parts))
      redis.call('ZADD', RUNNING_BATCHES, string.format('%.17g', first), name)
    else
      redis.call('HDEL', BATCH_CLAIMS, name)
      redis.call('ZREM', RUNNING_BATCHES, name)
    end
  end
  changed_batches = {}
end

-- When a task of a claim started and by when it is to end.
local function times_in(b, c, index) return index - c.from < c.starting and c.now or NONE, c.now + b.hold end

-- The row of what stands in \`tasks\`, whether there is one or not yet.
local function row_of(value)
  if not in_batch(value) then return value end
  if not is_bare(value) and not is_short_end(value) then return value:sub(POINTER + 1) end
  local b, index = place_in_batch(value)
  local seq = struct.pack('>d', b.seq + index)
  if not is_bare(value) then
    local session, lease, times = struct.unpack(SHORT_END, value, POINTER + 2)
    return seq .. lease .. times .. b.rest .. session
  end
  local c = claim_on(b, index)
  if not c then return seq .. b.image end
  local started, deadline = times_in(b, c, index)
  return seq .. struct.pack('<dBdd', c.lease + index - c.from, RUNNING, started, deadline) .. b.attempts .. c.session
end

-- Its number.
local function seq_of(value)
  if in_batch(value) then return struct.unpack('>d', value, 2) + struct.unpack('>H', value, 10) end
  return (struct.unpack('>d', value))
end

-- The result that stands behind an end, after lease, end and length; and what is left without.
local function result_in(value)
  if is_bare(value) or not is_short_end(value) then return nil end
  local _, lease, _, at = struct.unpack(SHORT_END, value, POINTER + 2)
  if at > #value then return nil end
  return lease .. value:sub(at), value:sub(1, at - 1)
end

local function body_in(value)
  local b = batch_at(batch_of(value))
  local _, body = struct.unpack('<I2c0I4c0', b.text, (struct.unpack('>I4', value, 12)))
  return body
end

-- Whether what stands under an id of a batch is that batch's: the id may have been removed, and have come again.
local function belongs(value, name) return is_row(value) and in_batch(value) and batch_of(value) == name end

-- The offset behind so many of a batch's entries.
local function skip(b, at, count)
  for _ = 1, count do
    local length = struct.unpack('<H', b.text, at)
    at = at + 6 + length + struct.unpack('<I4', b.text, at + 2 + length)
  end
  return at
end

local function ids_in(b)
  local ids, at = {}, b.at
  for i = 1, b.size do
    local id, length, behind = struct.unpack('<I2c0I4', b.text, at)
    ids[i], at = id, behind + length
  end
  return ids
end

-- Ids of those that claims of leases in a range took, whatever became of them.
local function bare_leases(b, first, last)
  local ids, taken = nil, {}
  for _, c in ipairs(claims_of(b)) do
    if c.lease <= last and c.lease + c.count > first then
      ids = ids or ids_in(b)
      for index = c.from, c.from + c.count - 1 do taken[#taken + 1] = ids[index + 1] end
    end
  end
  return taken
end`,
};
