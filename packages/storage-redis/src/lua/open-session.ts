import { clock } from './clock.ts';
import { script, type Script } from './script.ts';
import { session } from './session.ts';

/** ARGV: id, now, process. A session that ended is remembered for a day: its id opens no second one. */
export const openSession: Script = script('open', {
  keys: ['ended-sessions', 'leases'],
  needs: [clock, session],
  lua: `
local DAY = 86400000000
redis.call('ZREMRANGEBYSCORE', ENDED_SESSIONS, '-inf', store_micros() - DAY)
-- Whose tasks were all sent back after its end.
local all = redis.call('HGETALL', SESSIONS)
for i = 1, #all, 2 do
  if all[i + 1]:byte(1) == 1 and redis.call('HEXISTS', LEASES, all[i]) == 0 then
    redis.call('HDEL', SESSIONS, all[i])
    redis.call('ZADD', ENDED_SESSIONS, store_micros(), all[i])
  end
end
local open, found = is_open(ARGV[1])
if open then return 1 end
if found or redis.call('ZSCORE', ENDED_SESSIONS, ARGV[1]) then return session_ended() end
redis.call('HSET', SESSIONS, ARGV[1], struct.pack('<Bddd', 0, ARGV[2], ARGV[2], 0) .. ARGV[3])
return 1`,
});
