import { claimRows } from './claim-rows.ts';
import { clock } from './clock.ts';
import { script, type Script } from './script.ts';

/** ARGV: session, lane, request, limit, start, now, then the queues. Answers the leased rows. */
export const claim: Script = script('claim', {
  keys: [],
  needs: [clock, claimRows],
  lua: `
local micros = store_micros()
local refusal = ahead(tonumber(ARGV[6]), micros)
if refusal then return refusal end
if not is_open(ARGV[1]) then return session_ended() end
return claim(1, micros)`,
});
