#!lua name=bench
-- KEYS[1] is the prefix with its hash tag; every key below starts with it, so all share one slot.
-- `meta` holds what changes, one packed string a task; `task` what the client packed and never changes.
-- `due:<queue>` orders by (priority, run-at) in the score and by insert order in the member.
local RANK = 4398046511104 -- 2^42 ms: run-at up to the year 2109 beside 2001 priorities stays below 2^53.
local LAYOUT = '<BdhdddddHHHBddHdss'
local WAITING, RUNNING, COMPLETED, FAILED, CANCELLED, EXPIRED = 1, 2, 3, 4, 5, 6
local ENDS = { completed = COMPLETED, failed = FAILED, cancelled = CANCELLED, expired = EXPIRED }

local function unpacked(packed)
  local m = {}
  m.state, m.lease, m.priority, m.runAt, m.seq, m.expiresAt, m.holdMs, m.createdAt, m.attempt, m.crashes, m.redrives,
    m.cancel, m.startedAt, m.deadlineAt, m.lane, m.request, m.queue, m.session = struct.unpack(LAYOUT, packed)
  return m
end

local function packed(m)
  return struct.pack(LAYOUT, m.state, m.lease, m.priority, m.runAt, m.seq, m.expiresAt, m.holdMs, m.createdAt, m.attempt,
    m.crashes, m.redrives, m.cancel, m.startedAt, m.deadlineAt, m.lane, m.request, m.queue, m.session)
end

local function number(n) return string.format('%.0f', n) end
local function score(m) return number((1000 - m.priority) * RANK + m.runAt) end
local function member(m, id) return string.format('%014x', m.seq) .. id end

-- Lua hands over a few thousand arguments at once at most.
local function batched(command, key, list)
  for from = 1, #list, 4000 do redis.call(command, key, unpack(list, from, math.min(from + 3999, #list))) end
end

local function store_micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- ARGV: now, ahead, then per row: id, queue, priority, runAt, expiresAt, admitBy, holdMs, record. Answers one letter a row.
local function insert(keys, args)
  local p, now, outcomes, metas, tasks, due = keys[1], tonumber(args[1]), {}, {}, {}, {}
  local clock, ids, seen = math.max(now, math.floor(store_micros() / 1000) + args[2]), {}, {}
  for i = 3, #args, 8 do ids[#ids + 1] = args[i] end
  local known = {}
  for from = 1, #ids, 4000 do
    for _, value in ipairs(redis.call('HMGET', p .. 'meta', unpack(ids, from, math.min(from + 3999, #ids)))) do
      known[#known + 1] = value
    end
  end
  local seq = redis.call('INCRBY', p .. 'seq', #ids) - #ids
  for i, id in ipairs(ids) do
    local at = 3 + (i - 1) * 8
    if known[i] or seen[id] then outcomes[i] = 'e'
    elseif tonumber(args[at + 5]) < clock then outcomes[i] = 'l'
    else
      local m = { state = WAITING, lease = 0, priority = tonumber(args[at + 2]), runAt = tonumber(args[at + 3]), seq = seq + i,
        expiresAt = tonumber(args[at + 4]), holdMs = tonumber(args[at + 6]), createdAt = now, attempt = 0, crashes = 0,
        redrives = 0, cancel = 0, startedAt = 0, deadlineAt = 0, lane = 0, request = 0, queue = args[at + 1], session = '' }
      outcomes[i], seen[id] = 'i', true
      metas[#metas + 1], metas[#metas + 2] = id, packed(m)
      tasks[#tasks + 1], tasks[#tasks + 2] = id, args[at + 7]
      local list = due[m.queue] or {}
      list[#list + 1], list[#list + 2], due[m.queue] = score(m), member(m, id), list
    end
  end
  batched('HSET', p .. 'meta', metas)
  batched('HSET', p .. 'task', tasks)
  for queue, list in pairs(due) do batched('ZADD', p .. 'due:' .. queue, list) end
  if #metas > 0 and redis.call('DEL', p .. 'idle') == 1 then redis.call('RPUSH', p .. 'wake', '1') end
  return table.concat(outcomes)
end

-- `set` of a change: state, finishedAt, attempt, crashes, runAt, uncancelled; '' leaves a field as it is. A batch that
-- ends alike sends the same text, which is read once.
local function set_of(text, seen)
  if not seen[text] then
    local f = {}
    for value in (text .. ','):gmatch('([^,]*),') do f[#f + 1] = value end
    seen[text] = { state = ENDS[f[1]] or WAITING, attempt = tonumber(f[3]), crashes = tonumber(f[4]), runAt = tonumber(f[5]),
      uncancelled = f[6] == '1' }
  end
  return seen[text]
end

-- Per change: id, lease, set, result. Answers one letter a change.
local function settle(p, args, from, count)
  if count == 0 then return '' end
  local sets = {}
  local outcomes, ids, metas, results, gone, waiting = {}, {}, {}, {}, {}, {}
  for i = 1, count do ids[i] = args[from + (i - 1) * 4] end
  local stored = redis.call('HMGET', p .. 'meta', unpack(ids))
  for i, id in ipairs(ids) do
    local at, m = from + (i - 1) * 4, stored[i] and unpacked(stored[i])
    if not m then outcomes[i] = 'm'
    elseif m.state ~= RUNNING or m.lease ~= tonumber(args[at + 1]) then outcomes[i] = 's'
    elseif set_of(args[at + 2], sets).uncancelled and m.cancel == 1 then outcomes[i] = 'c'
    else
      outcomes[i] = redis.call('EXISTS', p .. 'children:' .. id) == 1 and 'd' or 'a'
      local set = sets[args[at + 2]]
      m.state, m.attempt, m.crashes, m.runAt = set.state, set.attempt or m.attempt, set.crashes or m.crashes, set.runAt or m.runAt
      if args[at + 3] ~= '' then results[#results + 1], results[#results + 2] = id, args[at + 3] end
      local held = gone[m.session] or {}
      held[#held + 1], gone[m.session] = id, held
      m.deadlineAt, m.startedAt = 0, 0
      if m.state == WAITING then
        local list = waiting[m.queue] or {}
        list[#list + 1], list[#list + 2], waiting[m.queue] = score(m), member(m, id), list
      end
      metas[#metas + 1], metas[#metas + 2] = id, packed(m)
    end
  end
  batched('HSET', p .. 'meta', metas)
  batched('HSET', p .. 'result', results)
  for session, held in pairs(gone) do
    batched('SREM', p .. 'running:' .. session, held)
    batched('ZREM', p .. 'deadline', held)
  end
  for queue, list in pairs(waiting) do batched('ZADD', p .. 'due:' .. queue, list) end
  return table.concat(outcomes)
end

local function repeated(p, session, lane, request)
  local ids, found = redis.call('SMEMBERS', p .. 'running:' .. session), {}
  for _, id in ipairs(ids) do
    local m = unpacked(redis.call('HGET', p .. 'meta', id))
    if m.lane == lane and m.request == request then
      found[#found + 1] = { id = id, meta = m, rank = (1000 - m.priority) * RANK + m.runAt }
    end
  end
  table.sort(found, function(a, b) return a.rank < b.rank or (a.rank == b.rank and a.meta.seq < b.meta.seq) end)
  local tasks = {}
  for _, one in ipairs(found) do
    tasks[#tasks + 1], tasks[#tasks + 2], tasks[#tasks + 3] = one.id, packed(one.meta), redis.call('HGET', p .. 'task', one.id)
  end
  return tasks
end

-- Walks the priorities of one queue, each a range run-at <= now, until `limit` are taken.
local function lease_from(p, queue, c, found)
  local key, rank = p .. 'due:' .. queue, 0
  while found.count < c.limit do
    local head = redis.call('ZRANGEBYSCORE', key, number(rank * RANK), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    if #head == 0 then return end
    rank = math.floor(head[2] / RANK)
    local offset = 0
    while found.count < c.limit do
      local members = redis.call('ZRANGEBYSCORE', key, number(rank * RANK), number(rank * RANK + c.now), 'LIMIT', offset,
        math.min(c.limit - found.count, 2000))
      if #members == 0 then break end
      offset = offset + c.take(key, members, found)
    end
    rank = rank + 1
  end
end

-- Leases these members and says how many it passed over because they have expired.
local function taker(p, c)
  return function(key, members, found)
    local ids, metas, taken, deadlines, leased = {}, {}, {}, {}, {}
    for i, value in ipairs(members) do ids[i] = value:sub(15) end
    local stored = redis.call('HMGET', p .. 'meta', unpack(ids))
    local records = redis.call('HMGET', p .. 'task', unpack(ids))
    for i, id in ipairs(ids) do
      local m = unpacked(stored[i])
      if m.expiresAt == 0 or m.expiresAt > c.now then
        m.state, m.lease, m.session, m.lane, m.request = RUNNING, math.max(m.lease + 1, c.micros), c.session, c.lane, c.request
        m.startedAt, m.deadlineAt = found.count < c.start and c.now or 0, c.now + m.holdMs
        taken[#taken + 1], leased[#leased + 1] = members[i], id
        local meta = packed(m)
        found.count = found.count + 1
        found[#found + 1], found[#found + 2], found[#found + 3] = id, meta, records[i]
        metas[#metas + 1], metas[#metas + 2] = id, meta
        deadlines[#deadlines + 1], deadlines[#deadlines + 2] = number(m.deadlineAt), id
      end
    end
    batched('ZREM', key, taken)
    batched('HSET', p .. 'meta', metas)
    batched('SADD', p .. 'running:' .. c.session, leased)
    batched('ZADD', p .. 'deadline', deadlines)
    return #members - #taken
  end
end

-- session, lane, request, limit, start, now, then the queues.
local function claim(p, args, from)
  local session, lane, request = args[from], tonumber(args[from + 1]), tonumber(args[from + 2])
  local row, field = p .. 'session:' .. session, 'lane:' .. lane
  local state = redis.call('HMGET', row, 'ended', field)
  if state[1] ~= '0' then return redis.error_reply('SESSION_ENDED') end
  local last = tonumber(state[2] or 0)
  if request == last then return repeated(p, session, lane, request) end
  if request < last then return {} end
  redis.call('HSET', row, field, args[from + 2])
  local c, found = { session = session, lane = lane, request = request, limit = tonumber(args[from + 3]),
    start = tonumber(args[from + 4]), now = tonumber(args[from + 5]), micros = store_micros() }, { count = 0 }
  c.take = taker(p, c)
  for i = from + 6, #args do
    if redis.call('SISMEMBER', p .. 'paused', args[i]) == 0 then lease_from(p, args[i], c, found) end
  end
  return found
end

local function swap(keys, args)
  local count = tonumber(args[1])
  return { settle(keys[1], args, 2, count), claim(keys[1], args, 2 + count * 4) }
end

local function open(keys, args)
  local row = keys[1] .. 'session:' .. args[1]
  if redis.call('EXISTS', row) == 1 then return 0 end
  redis.call('HSET', row, 'host', args[2], 'pid', args[3], 'processStart', args[4], 'openedAt', args[5], 'beatAt', args[5],
    'beats', 0, 'ended', 0)
  return redis.call('SADD', keys[1] .. 'sessions', args[1])
end

local function beat(keys, args)
  local row, running = keys[1] .. 'session:' .. args[1], keys[1] .. 'running:' .. args[1]
  local live = redis.call('HGET', row, 'ended') == '0'
  if live then redis.call('HSET', row, 'beatAt', args[2]) redis.call('HINCRBY', row, 'beats', 1) end
  return { live and 1 or 0, redis.call('SCARD', running), redis.call('SINTER', running, keys[1] .. 'cancelling') }
end

local function end_session(keys, args)
  local row = keys[1] .. 'session:' .. args[1]
  local state = redis.call('HMGET', row, 'ended', 'beats')
  if state[1] ~= '0' or (args[2] ~= '' and args[2] ~= state[2]) then return 0 end
  return redis.call('HSET', row, 'ended', 1) + 1
end

redis.register_function('bench_insert', insert)
redis.register_function('bench_update', function(keys, args) return settle(keys[1], args, 2, tonumber(args[1])) end)
redis.register_function('bench_claim', function(keys, args) return claim(keys[1], args, 1) end)
redis.register_function('bench_swap', swap)
redis.register_function('bench_open', open)
redis.register_function('bench_beat', beat)
redis.register_function('bench_end', end_session)
