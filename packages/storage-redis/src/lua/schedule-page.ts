import { script, type Script } from './script.ts';

/**
 * ARGV: due by or nothing, time and id of the row before, limit. Answers ids and rows, by due time and then id, or
 * without a bound by id.
 */
export const schedulePage: Script = script('list', {
  keys: ['schedules', 'schedules-due', 'schedule-ids'],
  lua: `
local due_by, at, after, limit, ids = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), nil
if due_by == '' then
  ids = redis.call('ZRANGEBYLEX', SCHEDULE_IDS, after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, limit)
else
  ids = {}
  local skipped = 0
  if at ~= '' then
    -- Of one time members are in the order of their bytes, so those up to the last one come first.
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', SCHEDULES_DUE, at, at)) do
      if id <= after then skipped = skipped + 1 end
    end
  end
  ids = redis.call('ZRANGEBYSCORE', SCHEDULES_DUE, at == '' and '-inf' or at, due_by, 'LIMIT', skipped, limit)
end
local out = {}
for i, id in ipairs(ids) do out[2 * i - 1], out[2 * i] = id, redis.call('HGET', SCHEDULES, id) end
return out`,
});
