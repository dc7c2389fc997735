import type { Part } from './script.ts';

/** Sessions: whether it has ended, when it was opened and last beat, how often, then what describes its process. */
export const session: Part = {
  keys: ['sessions'],
  lua: `
local function is_open(id)
  local found = redis.call('HGET', SESSIONS, id)
  return found and found:byte(1) == 0, found
end

local function session_ended() return redis.error_reply('OMNIQ SESSION_ENDED') end`,
};
