import { script, type Script } from './script.ts';

/** ARGV: id, state, due at or nothing, body, the revision that is expected or nothing. Answers the new one, or 0. */
export const putSchedule: Script = script('put', {
  keys: ['schedules', 'schedules-due', 'schedule-ids', 'counters'],
  lua: `
local id, due = ARGV[1], tonumber(ARGV[3]) or 9e15
local stored = redis.call('HGET', SCHEDULES, id)
if stored and struct.unpack('<d', stored) ~= tonumber(ARGV[5]) or not stored and ARGV[5] ~= '' then return 0 end
local revision = redis.call('HINCRBY', COUNTERS, 'revision', 1)
redis.call('HSET', SCHEDULES, id, struct.pack('<ddB', revision, due, ARGV[2]) .. ARGV[4])
redis.call('ZADD', SCHEDULE_IDS, 0, id)
if ARGV[3] == '' then redis.call('ZREM', SCHEDULES_DUE, id) else redis.call('ZADD', SCHEDULES_DUE, due, id) end
return revision`,
});
