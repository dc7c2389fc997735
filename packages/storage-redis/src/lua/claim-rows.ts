import { batched } from './batched.ts';
import { emit } from './emit.ts';
import { firstDue } from './first-due.ts';
import { row } from './row.ts';
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
    'cancelling',
    'expiring',
    'counts',
    'counters',
    'leases',
    'lanes',
    'queues',
    'settings',
  ],
  needs: [row, batched, emit, session, firstDue],
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
  for i, member in ipairs(members) do ids[i] = member:sub(23) end
  local rows, bodies = redis.call('HMGET', TASKS, unpack(ids)), redis.call('HMGET', BODIES, unpack(ids))
  for i, id in ipairs(ids) do
    local m, body = rows[i], bodies[i] or ''
    local expires = m and m:sub(61, 68)
    if m and (expires == NONE_BYTES or struct.unpack('<d', expires) > c.now) then
      local times, deadline = times_of(c, m:sub(69, 76))
      c.lease, c.count = c.lease + 1, c.count + 1
      m = m:sub(1, 8) .. struct.pack('<d', c.lease) .. times .. m:sub(34, struct.unpack('<H', m, 117) - 1) .. c.session
      metas[n + 1], metas[n + 2], running[n + 1], running[n + 2], n = id, m, deadline, id, n + 2
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

local function lease_from(c, queue, number, out)
  local from, stop = '[' .. struct.pack('>I4', number), '(' .. struct.pack('>I4', number + 1)
  while c.count < c.limit do
    local head = redis.call('ZRANGEBYLEX', DUE, from, stop, 'LIMIT', 0, 1)[1]
    if not head then return end
    local _, rank, runAt = struct.unpack('>I4Hd', head)
    if runAt <= c.now + BIAS then
      local due = '(' .. struct.pack('>I4Hd', number, rank, c.now + BIAS) .. '\\255'
      while c.count < c.limit do
        local members = redis.call('ZRANGEBYLEX', DUE, from, due, 'LIMIT', 0, math.min(c.limit - c.count, 1000))
        if #members == 0 then break end
        lease_members(c, queue, members, out)
        from = '(' .. members[#members]
      end
    end
    from = '[' .. struct.pack('>I4H', number, rank + 1)
  end
end

-- What a request leased when it was first made and still runs. Rare, so it looks at all that runs.
local function replay(session, first, last)
  local found, out = {}, {}
  for _, id in ipairs(redis.call('ZRANGE', RUNNING_TASKS, 0, -1)) do
    local m = redis.call('HGET', TASKS, id)
    local lease = struct.unpack('<d', m, 9)
    if lease >= first and lease <= last and session_of(m) == session then
      found[#found + 1] = { id = id, packed = m, lease = lease }
    end
  end
  table.sort(found, function(a, b) return a.lease < b.lease end)
  for _, one in ipairs(found) do emit(out, one.id, one.packed, redis.call('HGET', BODIES, one.id)) end
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
