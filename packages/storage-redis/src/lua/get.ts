import { emit } from './emit.ts';
import { row } from './row.ts';
import { script, type Script } from './script.ts';

/** ARGV: ids. Answers whole rows, of those that there are. */
export const get: Script = script('get', {
  keys: ['tasks'],
  needs: [row, emit],
  lua: `
local out = {}
for i, packed in ipairs(redis.call('HMGET', TASKS, unpack(ARGV))) do
  if is_row(packed) then emit_whole(out, ARGV[i], packed) end
end
return table.concat(out)`,
});
