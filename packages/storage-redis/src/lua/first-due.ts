import { row } from './row.ts';
import type { Part } from './script.ts';

/** When the first task of a queue that is not due yet will be: one probe for each priority. */
export const firstDue: Part = {
  keys: ['due'],
  needs: [row],
  lua: `
local function first_due(number, now, first)
  local stop, place, time = '(' .. struct.pack('>I4', number + 1), '[' .. struct.pack('>I4', number), now + BIAS
  while true do
    local head = redis.call('ZRANGEBYLEX', DUE, place, stop, 'LIMIT', 0, 1)[1]
    if not head then return first end
    local _, rank, runAt = struct.unpack('>I4Hd', head)
    place = '[' .. struct.pack('>I4H', number, rank + 1)
    if runAt <= time then
      local later = redis.call('ZRANGEBYLEX', DUE, '(' .. struct.pack('>I4Hd', number, rank, time) .. '\\255',
        '(' .. place:sub(2), 'LIMIT', 0, 1)[1]
      runAt = later and select(3, struct.unpack('>I4Hd', later))
    end
    if runAt and (not first or runAt - BIAS < first) then first = runAt - BIAS end
  end
end

local function due_text(first) return first and string.format('%.17g', first) or '' end`,
};
