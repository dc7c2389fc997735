import { script, type Script } from './script.ts';

/** ARGV: before, limit. Answers how many went. Task and correlation id stand first in an event. */
export const trimEvents: Script = script('trim', {
  keys: ['events', 'event-order', 'event-links'],
  lua: `
local members = redis.call('ZRANGEBYLEX', EVENT_ORDER, '-', '(' .. struct.pack('>d', ARGV[1] + 8.64e15), 'LIMIT', 0, ARGV[2])
for _, member in ipairs(members) do
  local id = member:sub(17)
  local links = { struct.unpack('<I2c0I2c0', redis.call('HGET', EVENTS, id)) }
  for n, kind in ipairs({ 't', 'c' }) do
    local to = links[n]
    if to ~= '' then redis.call('ZREM', EVENT_LINKS, kind .. struct.pack('>I2', #to) .. to .. member) end
  end
  redis.call('HDEL', EVENTS, id)
  redis.call('ZREM', EVENT_ORDER, member)
end
return #members`,
});
