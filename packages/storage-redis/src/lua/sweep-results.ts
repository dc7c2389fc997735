import { results } from './results.ts';
import { script, type Script } from './script.ts';

/** ARGV: now, limit. Answers how many went. */
export const sweepResults: Script = script('sweep', {
  keys: [],
  needs: [results],
  lua: `
local old = redis.call('ZRANGEBYSCORE', RESULT_ENDS, '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, each in ipairs(old) do
  local lease, id = struct.unpack('>d', each), each:sub(9)
  drop_result(id, lease)
  redis.call('ZREM', RESULT_ENDS, each)
end
return #old`,
});
