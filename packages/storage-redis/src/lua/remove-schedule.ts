import { script, type Script } from './script.ts';

/** ARGV: id. Answers whether it was there. */
export const removeSchedule: Script = script('remove', {
  keys: ['schedules', 'schedules-due', 'schedule-ids'],
  lua: `
redis.call('ZREM', SCHEDULES_DUE, ARGV[1])
redis.call('ZREM', SCHEDULE_IDS, ARGV[1])
return redis.call('HDEL', SCHEDULES, ARGV[1])`,
});
