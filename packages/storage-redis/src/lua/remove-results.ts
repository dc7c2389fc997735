import { results } from './results.ts';
import { script, type Script } from './script.ts';

/** ARGV: id and the lease below which results go, of each; no lease takes all. */
export const removeResults: Script = script('remove', {
  keys: [],
  needs: [results],
  lua: `
for i = 1, #ARGV, 2 do
  take_out_of(ARGV[i])
  remove_results(ARGV[i], tonumber(ARGV[i + 1]) or math.huge)
end
return #ARGV / 2`,
});
