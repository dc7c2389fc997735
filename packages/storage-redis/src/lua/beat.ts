import { batches } from './batches.ts';
import { row } from './row.ts';
import { script, type Script } from './script.ts';
import { session } from './session.ts';

/** ARGV: id, now. Answers whether it lives, its leases and its tasks that were asked to cancel. */
export const beat: Script = script('beat', {
  keys: ['tasks', 'leases', 'cancelling'],
  needs: [row, batches, session],
  lua: `
local id, cancelled = ARGV[1], {}
local open, found = is_open(id)
if open then
  local _, opened, _, beats = struct.unpack('<Bddd', found)
  redis.call('HSET', SESSIONS, id, struct.pack('<Bddd', 0, opened, ARGV[2], beats + 1) .. found:sub(26))
end
for _, task in ipairs(redis.call('SMEMBERS', CANCELLING)) do
  local packed = redis.call('HGET', TASKS, task)
  if packed and session_of(row_of(packed)) == id then cancelled[#cancelled + 1] = task end
end
return { open and 1 or 0, tonumber(redis.call('HGET', LEASES, id) or 0), cancelled }`,
});
