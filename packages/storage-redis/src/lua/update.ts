import { clock } from './clock.ts';
import { ends } from './ends.ts';
import { script, type Script } from './script.ts';

/** ARGV: now, changes. Answers the outcomes, a letter each, then the holders of the keys that were taken. */
export const update: Script = script('update', {
  keys: [],
  needs: [clock, ends],
  lua: `
local now = tonumber(ARGV[1])
local refusal = ahead(now, store_micros())
if refusal then return refusal end
local outcomes, holders = apply_all(read_segments(ARGV[2]), now)
return { table.concat(outcomes), unpack(holders) }`,
});
