import { watch as watchFolder } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Connection } from './connection.ts';

/** The event can come before the commit can be read, so the wake is given again after so many ms. */
const AGAIN_MS = [1, 2, 8];

/**
 * Wakes at every commit to the file, by this process or another. The folder is watched, not the file: SQLite removes and
 * makes its write-ahead log as it likes. Where a folder cannot be watched, the poll of the core is all there is.
 */
export function watchFile(connection: Connection, wake: () => void): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const stopListening = connection.listen(wake);
  if (connection.isMemory) return stopListening;
  const log = `${basename(connection.file)}-wal`;
  const watcher = watchFolder(dirname(connection.file), { persistent: false }, (_event, name) => {
    if (name !== log) return;
    wake();
    for (const ms of AGAIN_MS) again(ms);
  });
  watcher.on('error', () => watcher.close());
  return () => {
    stopListening();
    watcher.close();
    timers.forEach((timer) => clearTimeout(timer));
  };

  // A wake-up for the core, not time in a promise: correctness never depends on it.
  function again(ms: number): void {
    if (timers.size > AGAIN_MS.length * 2) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      wake();
    }, ms);
    timers.add(timer.unref());
  }
}
