import { script, type Script } from './script.ts';

/** Answers queue and whether it is paused, of each that has settings. */
export const queues: Script = script('queues', {
  keys: ['settings'],
  lua: `return redis.call('HGETALL', SETTINGS)`,
});
