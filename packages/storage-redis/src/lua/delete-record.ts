import { script, type Script } from './script.ts';

/** ARGV: key, tag or nothing. Answers whether it was there, under that tag. */
export const deleteRecord: Script = script('delete', {
  keys: ['records', 'record-keys'],
  lua: `
local stored = redis.call('HGET', RECORDS, ARGV[1])
if not stored or ARGV[2] and struct.unpack('<I2c0', stored) ~= ARGV[2] then return 0 end
redis.call('ZREM', RECORD_KEYS, ARGV[1])
return redis.call('HDEL', RECORDS, ARGV[1])`,
});
