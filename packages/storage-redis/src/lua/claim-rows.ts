import { batched } from './batched.ts';
import { batches } from './batches.ts';
import { emit } from './emit.ts';
import { firstDue } from './first-due.ts';
import { row } from './row.ts';
import { runs } from './runs.ts';
import type { Part } from './script.ts';
import { session } from './session.ts';

/**
 * Leases due tasks: for each queue from priority to priority, each a range up to now, so that future tasks of a high
 * priority are stepped over by one probe, and running ones are not there at all. The leases of a claim are consecutive
 * numbers from the greater of the last one plus one and the server's microseconds, so that none repeats whatever a crash
 * or a failover forgets.
 */
export const claimRows: Part = {
  keys: [
    'tasks',
    'bodies',
    'due',
    'running-tasks',
    'running-batches',
    'cancelling',
    'expiring',
    'counts',
    'counters',
    'leases',
    'lanes',
    'queues',
    'settings',
  ],
  needs: [row, batched, emit, session, firstDue, batches, runs],
  lua: `
local NONE_BYTES = struct.pack('<d', NONE)

-- When it started and by when it is to end, in bytes and the second as text, for all tasks of one span.
local function times_of(c, hold)
  local known = c.count < c.start and c.starting or c.waiting
  if not known[hold] then
    local deadline = c.now + struct.unpack('<d', hold)
    local started = c.count < c.start and c.now or NONE
    known[hold] = { struct.pack('<Bdd', RUNNING, started, deadline), string.format('%.17g', deadline) }
  end
  return known[hold][1], known[hold][2]
end

local function lease_members(c, queue, members, out)
  local ids, metas, gone, running, unexpiring, passed, n, o = {}, {}, {}, {}, {}, false, 0, #out
  for i, member in ipairs(members) do ids[i] = member:sub(24) end
  local rows, bodies = redis.call('HMGET', TASKS, unpack(ids)), redis.call('HMGET', BODIES, unpack(ids))
  for i, id in ipairs(ids) do
    local m, body, pointer = rows[i], bodies[i] or '', ''
    if m and in_batch(m) then m, body, pointer = row_of(m), body_in(m), m:sub(1, POINTER) end
    local expires = m and m:sub(61, 68)
    if m and (expires == NONE_BYTES or struct.unpack('<d', expires) > c.now) then
      local times, deadline = times_of(c, m:sub(69, 76))
      c.lease, c.count = c.lease + 1, c.count + 1
      m = m:sub(1, 8) .. struct.pack('<d', c.lease) .. times .. m:sub(34, struct.unpack('<H', m, 117) - 1) .. c.session
      metas[n + 1], metas[n + 2], running[n + 1], running[n + 2], n = id, pointer .. m, deadline, id, n + 2
      gone[#gone + 1] = members[i]
      if m:byte(50) % 2 == 1 then redis.call('SADD', CANCELLING, id) end
      if expires ~= NONE_BYTES then unexpiring[#unexpiring + 1] = id end
      out[o + 1], out[o + 2], out[o + 3], out[o + 4], o = struct.pack('<HHI4', #id, #m, #body), id, m, body, o + 4
    elseif m then passed = true
    else gone[#gone + 1] = members[i] end
  end
  if passed then batched('ZREM', DUE, gone)
  else redis.call('ZREMRANGEBYLEX', DUE, '[' .. members[1], '[' .. members[#members]) end
  batched('HSET', TASKS, metas)
  batched('ZADD', RUNNING_TASKS, running)
  batched('ZREM', EXPIRING, unexpiring)
  if n > 0 then redis.call('HINCRBY', COUNTS, RUNNING .. queue, n / 2) end
end

-- Leases the first tasks of a run, by one write for all of them.
local function lease_run(c, member, out)
  local name, from, count, at = run_of(member)
  local b, o = batch_at(name), #out
  local taken = math.min(count, c.limit - c.count)
  local entries = b.text:sub(at, shorten(member, b, taken) - 1)
  local starting = math.max(0, math.min(taken, c.start - c.count))
  local claims = claims_of(b)
  claims[#claims + 1] = { from = from, count = taken, left = taken, starting = starting, lease = c.lease + 1, now = c.now,
    session = c.session }
  claims_changed(b)
  out[o + 1] = struct.pack('<HHI4HHdd', 65535, #b.image, #entries, taken, starting, c.lease + 1, c.now)
  out[o + 2], out[o + 3] = b.image, entries
  c.lease, c.count = c.lease + taken, c.count + taken
  redis.call('HINCRBY', COUNTS, RUNNING .. b.queue, taken)
end

-- Leases these, or as many as there is room for. Answers the last that it looked at.
local function lease_page(c, queue, members, out)
  local alone, last = {}, nil
  for _, member in ipairs(members) do
    if c.count + #alone >= c.limit then break end
    last = member
    if not is_run(member) then alone[#alone + 1] = member
    elseif #alone > 0 then
      lease_members(c, queue, alone, out)
      alone = {}
      lease_run(c, member, out)
    else lease_run(c, member, out) end
  end
  if #alone > 0 then lease_members(c, queue, alone, out) end
  return last
end

local function lease_from(c, queue, number, out)
  local from, stop, page = '[' .. struct.pack('>I4', number), '(' .. struct.pack('>I4', number + 1), 25
  while c.count < c.limit do
    local head = redis.call('ZRANGEBYLEX', DUE, from, stop, 'LIMIT', 0, 1)[1]
    if not head then return end
    local _, rank, runAt = struct.unpack('>I4Hd', head)
    if runAt <= c.now + BIAS then
      local due = '(' .. struct.pack('>I4Hd', number, rank, c.now + BIAS) .. '\\255'
      while c.count < c.limit do
        local members = redis.call('ZRANGEBYLEX', DUE, from, due, 'LIMIT', 0, math.min(c.limit - c.count, page))
        if #members == 0 then break end
        from, page = '(' .. lease_page(c, queue, members, out), 1000
      end
    end
    from = '[' .. struct.pack('>I4H', number, rank + 1)
  end
end

-- What a request leased when it was first made and still runs. Rare, so it looks at all that runs.
local function replay(session, first, last)
  local found, out = {}, {}
  local function offer(id)
    local value = redis.call('HGET', TASKS, id)
    if not is_row(value) then return end
    local m = row_of(value)
    local lease = struct.unpack('<d', m, 9)
    if lease >= first and lease <= last and state_of(m) == RUNNING and session_of(m) == session then
      found[#found + 1] = { id = id, value = value, packed = m, lease = lease }
    end
  end
  for _, id in ipairs(redis.call('ZRANGE', RUNNING_TASKS, 0, -1)) do offer(id) end
  for _, name in ipairs(redis.call('ZRANGE', RUNNING_BATCHES, 0, -1)) do
    for _, id in ipairs(bare_leases(batch_at(name), first, last)) do offer(id) end
  end
  table.sort(found, function(a, b) return a.lease < b.lease end)
  for i, one in ipairs(found) do
    if not found[i - 1] or found[i - 1].id ~= one.id then emit(out, one.id, one.packed, body_of(one.id, one.value)) end
  end
  return { table.concat(out) }
end

local function remember(session, lanes, place, lane, request, first, last)
  local entry = struct.pack('<dddd', lane, request, first, last)
  redis.call('HSET', LANES, session, lanes:sub(1, place - 1) .. entry .. lanes:sub(place + 32))
end

-- ARGV from \`at\`: session, lane, request, limit, start, now, then the queues. Answers the leased rows and, if there are no
-- more, when the next task will be due.
local function claim(at, micros)
  local session, lane, request = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local lanes = redis.call('HGET', LANES, session) or ''
  local place = #lanes + 1
  for i = 1, #lanes, 32 do
    local known, last, first, to = struct.unpack('<dddd', lanes, i)
    if known == lane then
      if request == last then return replay(session, first, to) end
      if request < last then return { '' } end
      place = i
    end
  end
  local last = tonumber(redis.call('HGET', COUNTERS, 'lease') or 0)
  local before = math.max(last, micros - 1)
  local c, out, queues = { session = session, lease = before, count = 0, limit = tonumber(ARGV[at + 3]),
    start = tonumber(ARGV[at + 4]), now = tonumber(ARGV[at + 5]), starting = {}, waiting = {} }, {}, { unpack(ARGV, at + 6) }
  local numbers, paused = hmget(QUEUES, queues), hmget(SETTINGS, queues)
  for i, queue in ipairs(queues) do
    if numbers[i] and paused[i] ~= '1' then lease_from(c, queue, tonumber(numbers[i]), out) end
  end
  if c.count > 0 then
    redis.call('HSET', COUNTERS, 'lease', string.format('%.0f', c.lease))
    redis.call('HINCRBY', LEASES, session, c.count)
  end
  write_claims()
  remember(session, lanes, place, lane, request, before + 1, c.lease)
  if c.count == c.limit then return { table.concat(out) } end
  -- Who found all there was asks next when to look again.
  local first
  for i = 1, #queues do
    if numbers[i] then first = first_due(tonumber(numbers[i]), c.now, first) end
  end
  return { table.concat(out), due_text(first) }
end`,
};
