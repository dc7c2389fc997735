import { batches } from './batches.ts';
import { script, type Script } from './script.ts';

/** ARGV: ids. Answers the results of each, or nothing: those that stand behind its end, too. */
export const getResults: Script = script('get', {
  keys: ['tasks', 'results'],
  needs: [batches],
  lua: `
local found = redis.call('HMGET', RESULTS, unpack(ARGV))
for i, value in ipairs(redis.call('HMGET', TASKS, unpack(ARGV))) do
  local entry = value and in_batch(value) and result_in(value)
  if entry then found[i] = entry .. (found[i] or '') end
end
return found`,
});
