import { script, type Script } from './script.ts';

/** ARGV: key, value, any, none or tag, and the tag. Answers the new tag, or nothing. */
export const putRecord: Script = script('put', {
  keys: ['records', 'record-keys', 'counters'],
  lua: `
local key, stored = ARGV[1], redis.call('HGET', RECORDS, ARGV[1])
if ARGV[3] == 'none' and stored then return false end
if ARGV[3] == 'tag' and (not stored or struct.unpack('<I2c0', stored) ~= ARGV[4]) then return false end
local tag = string.format('%.0f', redis.call('HINCRBY', COUNTERS, 'revision', 1))
redis.call('HSET', RECORDS, key, struct.pack('<I2c0', #tag, tag) .. ARGV[2])
redis.call('ZADD', RECORD_KEYS, 0, key)
return tag`,
});
