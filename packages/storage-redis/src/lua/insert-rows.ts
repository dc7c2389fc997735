import { batched } from './batched.ts';
import { edges } from './edges.ts';
import { forget } from './forget.ts';
import { lines } from './lines.ts';
import { places } from './places.ts';
import { row } from './row.ts';
import { rows } from './rows.ts';
import type { Part } from './script.ts';
import { unique } from './unique.ts';

/**
 * Inserts rows: first \`judge\`, which writes nothing and may refuse all of them, then \`insert_rows\`. The image of a row is
 * what \`pack_row\` would make of it, without its number. Outcomes are letters: inserted, settled (inserted, and a parent
 * has ended), exists, late, taken, missing (a parent is).
 */
export const insertRows: Part = {
  keys: ['tasks', 'bodies', 'counters', 'order', 'due', 'behind', 'expiring', 'counts', 'gone'],
  needs: [row, batched, places, rows, unique, lines, edges, forget],
  lua: `
local function read_rows(blob, count)
  local list, at = {}, 1
  for i = 1, count do
    local r, flags = {}, nil
    r.id, r.admitBy, flags, r.image, r.body, at = struct.unpack('<I2c0dBI2c0I4c0', blob, at)
    if flags % 2 == 1 then r.unique, r.untilTime, at = struct.unpack('<I2c0d', blob, at) end
    if flags % 4 > 1 then r.orderKey, at = struct.unpack('<I2c0', blob, at) end
    if flags > 3 then
      local parents
      r.parents, parents, at = {}, struct.unpack('<I2', blob, at)
      for n = 1, parents do
        local p = {}
        p.id, p.policy, at = struct.unpack('<I2c0c1', blob, at)
        r.parents[n] = p
      end
    end
    list[i] = r
  end
  return list
end

local function parent_state(id, fresh)
  if fresh[id] then return WAITING end
  local found = find(id)
  return found and found.state
end

local function parent_unknown(id, parent)
  return redis.error_reply('OMNIQ PARENT_UNKNOWN ' .. cjson.encode({ id, parent }))
end

-- \`lenient\`: a row whose parent does not exist is left out, and refuses nothing.
local function judge(list, now, time, lenient)
  local outcomes, taken, holders, fresh = {}, {}, {}, {}
  for i, r in ipairs(list) do
    local known = stored[r.id]
    if fresh[r.id] or is_row(known) or (known and struct.unpack('<d', known) > now) then outcomes[i] = 'e'
    elseif time > r.admitBy then outcomes[i] = 'l'
    else
      outcomes[i] = 'i'
      for _, p in ipairs(r.parents or {}) do
        local state = parent_state(p.id, fresh)
        if not state and not lenient then return nil, parent_unknown(r.id, p.id) end
        if not state then outcomes[i] = 'm' break end
        if state > RUNNING then outcomes[i] = 's' end
      end
      local holder = outcomes[i] ~= 'm' and r.unique and (taken[r.unique] or holder_of(r.unique, now))
      if holder then outcomes[i], holders[#holders + 1] = 't', holder
      elseif outcomes[i] ~= 'm' then
        fresh[r.id] = true
        if r.unique and r.untilTime > now then taken[r.unique] = r.id end
      end
    end
  end
  return outcomes, holders
end

local function insert_rows(list, outcomes, now)
  local count = 0
  for _, outcome in ipairs(outcomes) do
    if outcome == 'i' or outcome == 's' then count = count + 1 end
  end
  if count == 0 then return {} end
  -- Refused where memory is full, and the first write: so all rows go in or none.
  local seq = redis.call('HINCRBY', COUNTERS, 'task', count) - count
  local metas, bodies, order, due, behind, expiring, blocked, claimable = {}, {}, {}, {}, {}, {}, {}, {}
  for i, r in ipairs(list) do
    if outcomes[i] == 'i' or outcomes[i] == 's' then
      seq = seq + 1
      local id, image, n = r.id, r.image, #metas
      local priority, runAt, expiresAt = struct.unpack('<hdd', image, 43)
      local queue = struct.unpack('<I2c0', image, 111)
      local number = struct.pack('>d', seq)
      local packed = number .. image
      metas[n + 1], metas[n + 2], bodies[n + 1], bodies[n + 2], order[n + 1], order[n + 2] = id, packed, id, r.body, 0, number .. 's' .. id
      stored[id], rows[id] = packed, nil
      if r.unique then hold(r.unique, id, r.untilTime, now) end
      if r.parents then blocked[queue] = (blocked[queue] or 0) + 1
      elseif r.orderKey then
        stand({ id = id, seq = seq, orderKey = r.orderKey })
        if head_of(r.orderKey) then
          behind[#behind + 1], behind[#behind + 2] = 0, behind_member(queue, runAt, seq, id)
        else
          set_head(r.orderKey, id)
          due[#due + 1], due[#due + 2] = 0, due_member(queue, priority, runAt, seq, id)
        end
      else due[#due + 1], due[#due + 2] = 0, due_member(queue, priority, runAt, seq, id) end
      if expiresAt ~= NONE then expiring[#expiring + 1], expiring[#expiring + 2] = expiresAt, id end
      for _, p in ipairs(r.parents or {}) do
        add_edge(id, p.id, p.policy)
        any_edges = true
      end
    end
  end
  batched('HSET', TASKS, metas)
  batched('HSET', BODIES, bodies)
  batched('ZADD', ORDER, order)
  batched('ZADD', DUE, due)
  batched('ZADD', BEHIND, behind)
  batched('ZADD', EXPIRING, expiring)
  for queue, n in pairs(blocked) do redis.call('HINCRBY', COUNTS, BLOCKED .. queue, n) end
  for i = 2, #due, 2 do add_to(claimable, due[i]:sub(1, 4)) end
  return claimable
end`,
};
