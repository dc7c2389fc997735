import { batches } from './batches.ts';
import type { Part } from './script.ts';

/** Rows on their way to the client, all in one text: two lengths, then id, row and body. */
export const emit: Part = {
  keys: ['bodies', 'errors', 'progress'],
  needs: [batches],
  lua: `
local function emit(out, id, packed, body)
  local n = #out
  out[n + 1], out[n + 2], out[n + 3], out[n + 4] = struct.pack('<HHI4', #id, #packed, #body), id, packed, body
end

local function body_of(id, value)
  return in_batch(value) and body_in(value) or redis.call('HGET', BODIES, id) or ''
end

-- With what only those who read whole rows want. \`value\` is what stands in \`tasks\`.
local function emit_whole(out, id, value)
  local packed = row_of(value)
  emit(out, id, packed, body_of(id, value))
  local flags, n = packed:byte(50), #out
  local failure = flags % 4 > 1 and redis.call('HGET', ERRORS, id) or ''
  local progress = flags % 8 > 3 and redis.call('HGET', PROGRESS, id) or ''
  out[n + 1], out[n + 2], out[n + 3] = struct.pack('<I4I4', #failure, #progress), failure, progress
end`,
};
