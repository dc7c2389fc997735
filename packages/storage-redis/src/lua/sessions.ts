import { script, type Script } from './script.ts';

/** Answers id, row and leases of each session, three values each; of one that is not known but holds tasks no row. */
export const sessions: Script = script('sessions', {
  keys: ['sessions', 'leases'],
  lua: `
local out, known = {}, {}
local all, held = redis.call('HGETALL', SESSIONS), redis.call('HGETALL', LEASES)
local leases = {}
for i = 1, #held, 2 do leases[held[i]] = tonumber(held[i + 1]) end
for i = 1, #all, 2 do
  known[all[i]] = true
  out[#out + 1], out[#out + 2], out[#out + 3] = all[i], all[i + 1], leases[all[i]] or 0
end
for id, count in pairs(leases) do
  if not known[id] then out[#out + 1], out[#out + 2], out[#out + 3] = id, '', count end
end
return out`,
});
