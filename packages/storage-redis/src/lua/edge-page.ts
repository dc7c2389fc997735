import { batches } from './batches.ts';
import { edges } from './edges.ts';
import { script, type Script } from './script.ts';

/** ARGV: parent, child, after, limit. Answers edges as they are stored, each followed by the state of its parent. */
export const edgePage: Script = script('edges', {
  keys: ['tasks'],
  needs: [edges, batches],
  lua: `
local parent, child, after, limit = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local prefix = child ~= '' and edge('c', child, parent ~= '' and parent or nil) or parent ~= '' and edge('p', parent) or 'c'
local from, out = after ~= '' and '(' .. after or '[' .. prefix, {}
local page = redis.call('ZRANGEBYLEX', EDGES, from, '(' .. prefix .. '\\255', 'LIMIT', 0, limit)
for _, each in ipairs(page) do
  local one, other = struct.unpack('>I2c0I2c0', each, 2)
  local row = redis.call('HGET', TASKS, each:sub(1, 1) == 'c' and other or one)
  out[#out + 1], out[#out + 2] = each, row and state_of(row_of(row)) or 0
end
return out`,
});
