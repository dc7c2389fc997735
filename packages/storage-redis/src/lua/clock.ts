import type { Part } from './script.ts';

/** The server's clock, in microseconds; with a refusal where the caller is more than a second ahead of it. */
export const clock: Part = {
  keys: [],
  lua: `
local function store_micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function ahead(now, micros)
  if now <= micros / 1000 + 1000 then return nil end
  return redis.error_reply(string.format('OMNIQ CLOCK_SKEW %.0f', micros / 1000))
end`,
};
