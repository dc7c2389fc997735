import type { SharedLog } from '@omniq/core/storage';
import type { OpenedLog, OpenLog } from '@omniq/testkit/log';
import { openMemoryLog, SharedMemory, type MemoryLogOptions } from './memory-log.ts';

/** Opens a fresh log in memory each time, with something around each of its openings if wanted. */
export function freshMemoryLog(
  options: MemoryLogOptions,
  around: (log: SharedLog, memory: SharedMemory) => SharedLog = (log) => log,
): OpenLog {
  return async (): Promise<OpenedLog> => {
    const memory = new SharedMemory();
    const again = async (): Promise<SharedLog> => around(await openMemoryLog(memory, options), memory);
    return Object.assign(await again(), { again });
  };
}
