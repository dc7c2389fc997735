import { row } from './row.ts';
import type { Part } from './script.ts';

/** Ids of removed tasks are remembered for a while; with each insert those go whose time is over. */
export const forget: Part = {
  keys: ['tasks', 'gone'],
  needs: [row],
  lua: `
local function forget_ids(now, limit)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', GONE, '-inf', now, 'LIMIT', 0, limit)) do
    if not is_row(redis.call('HGET', TASKS, id)) then redis.call('HDEL', TASKS, id) end
    redis.call('ZREM', GONE, id)
  end
end`,
};
