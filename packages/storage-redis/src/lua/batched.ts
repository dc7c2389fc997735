import type { Part } from './script.ts';

/** One command for a list of any length: Lua hands over fewer than 8,000 arguments at once. */
export const batched: Part = {
  keys: [],
  lua: `
local function batched(command, key, list)
  for from = 1, #list, 4000 do redis.call(command, key, unpack(list, from, math.min(from + 3999, #list))) end
end

local function hmget(key, ids)
  if #ids <= 4000 then return #ids == 0 and {} or redis.call('HMGET', key, unpack(ids)) end
  local found = {}
  for from = 1, #ids, 4000 do
    for _, value in ipairs(redis.call('HMGET', key, unpack(ids, from, math.min(from + 3999, #ids)))) do
      found[#found + 1] = value
    end
  end
  return found
end`,
};
