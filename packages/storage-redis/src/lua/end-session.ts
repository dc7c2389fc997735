import { clock } from './clock.ts';
import { script, type Script } from './script.ts';
import { session } from './session.ts';

/** ARGV: id, beats or nothing. Answers 1 to the one that ended it. A session that holds nothing leaves its row. */
export const endSession: Script = script('end', {
  keys: ['leases', 'lanes', 'ended-sessions'],
  needs: [clock, session],
  lua: `
local id, beats = ARGV[1], tonumber(ARGV[2])
local open, found = is_open(id)
local ends = open and (not beats or select(4, struct.unpack('<Bddd', found)) == beats)
if found and (ends or not open) then
  if ends then
    redis.call('HSET', SESSIONS, id, '\\1' .. found:sub(2))
    redis.call('HDEL', LANES, id)
  end
  if redis.call('HEXISTS', LEASES, id) == 0 then
    redis.call('HDEL', SESSIONS, id)
    redis.call('ZADD', ENDED_SESSIONS, store_micros(), id)
  end
end
return ends and 1 or 0`,
});
