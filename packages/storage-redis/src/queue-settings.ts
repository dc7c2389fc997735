import { OmniQError, type QueueRow, type QueueSettings } from '@omniq/core/storage';
import type { Connection } from './connection.ts';
import { configure } from './lua/configure.ts';
import { queues } from './lua/queues.ts';

/** What operators set per queue; claims read it in their own call. */
export async function listQueues(connection: Connection): Promise<readonly QueueRow[]> {
  const reply = await connection.run<Buffer[]>(queues);
  const settings = { concurrency: null, rate: null, perKey: null };
  return Array.from({ length: reply.length / 2 }, (_, n) => {
    return { queue: String(reply[2 * n]), paused: String(reply[2 * n + 1]) === '1', ...settings };
  });
}

/** @throws OmniQError `UNSUPPORTED` for a limit */
export async function configureQueue(
  connection: Connection,
  queue: string,
  { paused, concurrency = null, rate = null, perKey = null }: Partial<QueueSettings>,
): Promise<void> {
  if (concurrency !== null || rate !== null || perKey !== null) {
    throw new OmniQError('UNSUPPORTED', `The Redis store keeps no limits, so the queue ${queue} cannot have one.`, {
      hint: 'Limit the concurrency of the workers instead.',
      queue,
    });
  }
  await connection.run(configure, queue, paused === undefined ? '' : Number(paused));
}
