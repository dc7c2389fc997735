import { claimRows } from './claim-rows.ts';
import { clock } from './clock.ts';
import { ends } from './ends.ts';
import { script, type Script } from './script.ts';
import { wake } from './wake.ts';

/**
 * ARGV: changes, then as for a claim. Answers the leased rows, the outcomes and the holders of the keys that were
 * taken. A refusal comes before anything was applied.
 */
export const swap: Script = script('swap', {
  keys: [],
  needs: [clock, ends, claimRows, wake],
  lua: `
local now, micros = tonumber(ARGV[7]), store_micros()
local refusal = ahead(now, micros)
if refusal then return refusal end
if not is_open(ARGV[2]) then return session_ended() end
local outcomes, holders, changed = apply_all(read_segments(ARGV[1]), now)
if changed then wake() end
return { claim(2, micros), table.concat(outcomes), unpack(holders) }`,
});
