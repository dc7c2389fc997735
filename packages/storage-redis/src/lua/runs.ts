import { batches } from './batches.ts';
import type { Part } from './script.ts';

/**
 * What of a batch waits and was never touched stands in \`due\` in runs: one member for many tasks of consecutive numbers,
 * queue, priority and run-at being the same. After the place of its first task: \`b\`, batch, index, count, and its offsets
 * in the batch. All of them were due when they came, so two numbers a queue are enough to count them: of the tasks and of
 * the runs.
 */
export const runs: Part = {
  keys: ['due', 'counts'],
  needs: [batches],
  lua: `
local RUN = '>c8HHI4I4'

local function is_run(member) return member:byte(23) == 98 end

local function run_of(member) return struct.unpack(RUN, member, 24) end

local function run_member(place, b, from, count, at, to)
  return place:sub(1, 14) .. struct.pack('>d', b.seq + from) .. 'b' .. struct.pack(RUN, b.name, from, count, at, to)
end

local function count_runs(queue, tasks, runs)
  redis.call('HINCRBY', COUNTS, 'r' .. queue, tasks)
  if runs ~= 0 then redis.call('HINCRBY', COUNTS, 'm' .. queue, runs) end
end

-- Takes the first so many from a run. Answers where they end in their batch.
local function shorten(member, b, taken)
  local _, from, count, at, to = run_of(member)
  redis.call('ZREM', DUE, member)
  count_runs(b.queue, -taken, taken == count and -1 or 0)
  if taken == count then return to end
  local behind = skip(b, at, taken)
  redis.call('ZADD', DUE, 0, run_member(member, b, from + taken, count - taken, behind, to))
  return behind
end

-- Takes one from the midst of its run. \`place\` is where it would stand alone.
local function leave_run(place, b, index)
  local member = redis.call('ZREVRANGEBYLEX', DUE, '[' .. place:sub(1, 22) .. 'b\\255', '-', 'LIMIT', 0, 1)[1]
  local _, from, count, at, to = run_of(member)
  local here, after = skip(b, at, index - from), from + count - index - 1
  redis.call('ZREM', DUE, member)
  if index > from then redis.call('ZADD', DUE, 0, run_member(member, b, from, index - from, at, here)) end
  if after > 0 then redis.call('ZADD', DUE, 0, run_member(member, b, index + 1, after, skip(b, here, 1), to)) end
  count_runs(b.queue, -1, (index > from and 1 or 0) + (after > 0 and 1 or 0) - 1)
end`,
};
