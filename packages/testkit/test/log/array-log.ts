import { OmniQError, type LogEntry, type LogSnapshot, type SharedLog } from '@omniq/core/storage';
import type { OpenedLog } from '../../src/log/index.ts';

/** The smallest log there can be: an array that numbers what is put into it. */
export async function arrayLog(): Promise<OpenedLog> {
  const entries: LogEntry[] = [];
  const snapshots = new Map<number, Uint8Array>();
  const watchers = new Set<() => void>();
  let first = 1;
  const again = async (): Promise<SharedLog> => {
    const own = new Set<() => void>();
    let isClosed = false;
    const open = (): void => {
      if (isClosed) throw new OmniQError('STORE_CLOSED', 'The log was closed.');
    };
    return {
      capabilities: { durable: false, shared: 'process', numberedBy: 'log', clock: false, maxBytes: 4_096, keepMs: 1 },
      async append(bytes) {
        open();
        if (bytes.length > 4_096) throw new OmniQError('PAYLOAD_TOO_LARGE', 'An entry is too large.');
        const position = entries.push({ position: entries.length + 1, bytes: bytes.slice(), time: null });
        for (const wake of watchers) wake();
        return position;
      },
      async read(after, limit) {
        open();
        const from = Math.max(after, first - 1);
        return entries.slice(from, from + limit);
      },
      watch(wake) {
        open();
        const watcher = (): void => wake();
        watchers.add(watcher);
        own.add(watcher);
        return () => watchers.delete(watcher);
      },
      async saveSnapshot(position, bytes) {
        open();
        if (!snapshots.has(position)) snapshots.set(position, bytes);
      },
      async loadSnapshot(): Promise<LogSnapshot | null> {
        open();
        const position = Math.max(...snapshots.keys());
        const bytes = snapshots.get(position);
        return bytes === undefined ? null : { position, bytes };
      },
      async trim(position) {
        open();
        first = Math.max(first, position);
      },
      async close() {
        isClosed = true;
        for (const each of own) watchers.delete(each);
      },
    };
  };
  return Object.assign(await again(), { again });
}
