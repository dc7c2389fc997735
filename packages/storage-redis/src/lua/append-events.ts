import { script, type Script } from './script.ts';

/**
 * ARGV: id, time, task or nothing, correlation id or nothing, and event, of each. The order is that of bytes: time, then
 * number of arrival. Links lead from a task or a correlation id to its events.
 */
export const appendEvents: Script = script('append', {
  keys: ['events', 'event-order', 'event-links', 'counters'],
  lua: `
local BIAS = 8.64e15
for i = 1, #ARGV, 5 do
  local id = ARGV[i]
  if redis.call('HEXISTS', EVENTS, id) == 0 then
    local place = struct.pack('>dd', ARGV[i + 1] + BIAS, redis.call('HINCRBY', COUNTERS, 'event', 1))
    redis.call('HSET', EVENTS, id, ARGV[i + 4])
    redis.call('ZADD', EVENT_ORDER, 0, place .. id)
    for n, kind in ipairs({ 't', 'c' }) do
      local to = ARGV[i + 1 + n]
      if to ~= '' then redis.call('ZADD', EVENT_LINKS, 0, kind .. struct.pack('>I2', #to) .. to .. place .. id) end
    end
  end
end
return #ARGV / 5`,
});
