import { Redis } from 'ioredis';
import type { Meter } from './meter.ts';
import { processTime } from './process-time.ts';

/** Asking is a command too, and is not counted. */
const own = 'info';

export async function redisMeter(url: string, pid: number): Promise<Meter> {
  const redis = new Redis(url, { lazyConnect: true, enableReadyCheck: false });
  await redis.connect();
  let asked = 0;
  return {
    read: async () => {
      const cpuMicros = await processTime(pid);
      asked += 1;
      const info = await redis.info('commandstats', 'stats');
      const sent = Number(/^total_reads_processed:(\d+)/m.exec(info)?.[1]) - asked;
      return { ...(cpuMicros !== undefined && { cpuMicros }), statements: commandsIn(info), sent };
    },
    quiet: async () => undefined, // It counts at once.
    close: async () => redis.disconnect(),
  };
}

/** All calls of the section `commandstats` of INFO. */
export function commandsIn(info: string): number {
  const calls = [...info.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)];
  return calls.reduce((sum, [, name, count]) => (name === own ? sum : sum + Number(count)), 0);
}
