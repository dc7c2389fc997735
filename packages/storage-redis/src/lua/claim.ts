import { claimRows } from './claim-rows.ts';
import { clock } from './clock.ts';
import { script, type Script } from './script.ts';
import { wake } from './wake.ts';

/** ARGV: whom to wake, session, lane, request, limit, start, now, then the queues. Answers the leased rows. */
export const claim: Script = script('claim', {
  keys: [],
  needs: [clock, claimRows, wake],
  lua: `
local micros = store_micros()
local refusal = ahead(tonumber(ARGV[7]), micros)
if refusal then return refusal end
if not is_open(ARGV[2]) then return session_ended() end
local claimed = claim(2, micros)
rest(ARGV[1], { unpack(ARGV, 8) }, micros, claimed[2])
return claimed`,
});
