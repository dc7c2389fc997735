import { clock } from './clock.ts';
import { insertRows } from './insert-rows.ts';
import { script, type Script } from './script.ts';
import { wake } from './wake.ts';

/** ARGV: now, count, rows. Answers the outcomes, a letter each, then the holders of the keys that were taken. */
export const insert: Script = script('insert', {
  keys: [],
  needs: [clock, insertRows, wake],
  lua: `
local now, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local micros = store_micros()
local refusal = ahead(now, micros)
if refusal then return refusal end
local list, ids = read_rows(ARGV[3], count), {}
for i, r in ipairs(list) do ids[i] = r.id end
preload(ids)
local outcomes, holders = judge(list, now, math.max(now, math.floor(micros / 1000)))
if not outcomes then return holders end
local claimable = insert_rows(list, outcomes, now)
forget_ids(now, count + 64)
wake(claimable)
return { table.concat(outcomes), unpack(holders) }`,
});
