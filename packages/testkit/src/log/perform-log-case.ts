import type { SharedLog } from '@omniq/core/storage';
import type { LogCase, OpenedLog, OpenLog } from './log-case.ts';

/** Runs a case and closes every log that it opened. */
export async function performLogCase(subject: LogCase, open: OpenLog): Promise<'proved' | 'absent'> {
  const opened: SharedLog[] = [];
  const tracked = async (): Promise<OpenedLog> => {
    const log = await open();
    opened.push(log);
    return {
      ...verbsOf(log),
      async again() {
        const other = await log.again();
        opened.push(other);
        return other;
      },
    };
  };
  try {
    return await subject.run(tracked);
  } finally {
    await Promise.all(opened.map((log) => log.close()));
  }
}

function verbsOf(log: SharedLog): SharedLog {
  return {
    capabilities: log.capabilities,
    append: (bytes, at) => log.append(bytes, at),
    read: (after, limit) => log.read(after, limit),
    watch: (wake) => log.watch(wake),
    saveSnapshot: (position, bytes) => log.saveSnapshot(position, bytes),
    loadSnapshot: () => log.loadSnapshot(),
    trim: (position) => log.trim(position),
    close: () => log.close(),
  };
}
