import { script, type Script } from './script.ts';

/** ARGV: prefix of links or nothing, lower and upper bound of the place, limit. Answers places and events. */
export const eventPage: Script = script('query', {
  keys: ['events', 'event-order', 'event-links'],
  lua: `
local prefix, out = ARGV[1], {}
local members = redis.call('ZRANGEBYLEX', prefix == '' and EVENT_ORDER or EVENT_LINKS, ARGV[2]:sub(1, 1) .. prefix
  .. ARGV[2]:sub(2), '(' .. prefix .. ARGV[3], 'LIMIT', 0, ARGV[4])
for i, member in ipairs(members) do
  local place = member:sub(#prefix + 1)
  out[2 * i - 1], out[2 * i] = place, redis.call('HGET', EVENTS, place:sub(17))
end
return out`,
});
