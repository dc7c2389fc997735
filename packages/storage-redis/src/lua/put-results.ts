import { results } from './results.ts';
import { script, type Script } from './script.ts';

/** ARGV: id, lease, when it may be forgotten and value of each. */
export const putResults: Script = script('put', {
  keys: [],
  needs: [results],
  lua: `
for i = 1, #ARGV, 4 do
  take_out_of(ARGV[i])
  put_result(ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), ARGV[i + 3])
end
return #ARGV / 4`,
});
