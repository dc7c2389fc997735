import { claimRows } from './claim-rows.ts';
import { clock } from './clock.ts';
import { ends } from './ends.ts';
import { script, type Script } from './script.ts';

/**
 * ARGV: changes, whom to wake, then as for a claim. Answers the leased rows, the outcomes and the holders of the keys
 * that were taken. A refusal comes before anything was applied.
 */
export const swap: Script = script('swap', {
  keys: [],
  needs: [clock, ends, claimRows],
  lua: `
local now, micros = tonumber(ARGV[8]), store_micros()
local refusal = ahead(now, micros)
if refusal then return refusal end
if not is_open(ARGV[3]) then return session_ended() end
local outcomes, holders = apply_all(read_segments(ARGV[1]), now)
local claimed = claim(3, micros)
rest(ARGV[2], { unpack(ARGV, 9) }, micros, claimed[2])
return { claimed, table.concat(outcomes), unpack(holders) }`,
});
