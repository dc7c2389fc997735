import type { Part } from './script.ts';

/** Batches of which tasks have ended, by the first end: one entry for many tasks. It goes with the batch. */
export const endedBatches: Part = {
  keys: ['ended-batches'],
  lua: `
local first_ends = {}

local function ended_in(name, finishedAt)
  if not first_ends[name] or finishedAt < first_ends[name] then first_ends[name] = finishedAt end
end

local function write_ended()
  for name, finishedAt in pairs(first_ends) do
    redis.call('ZADD', ENDED_BATCHES, 'LT', string.format('%.17g', finishedAt), name)
  end
  first_ends = {}
end`,
};
