import { script, type Script } from './script.ts';
import { wake } from './wake.ts';

/** ARGV: queue, then 1 or 0 for paused, or nothing to leave it. */
export const configure: Script = script('configure', {
  keys: ['settings'],
  needs: [wake],
  lua: `
if ARGV[2] == '' then redis.call('HSETNX', SETTINGS, ARGV[1], 0) else redis.call('HSET', SETTINGS, ARGV[1], ARGV[2]) end
wake({ [queue_bytes(ARGV[1])] = 64 })
return 1`,
});
