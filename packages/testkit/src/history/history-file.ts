import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Where a recorder writes to: whole lines, in order, done when it returns. */
export interface HistorySink {
  write(lines: string): void;
  close(): void;
}

/**
 * A new file that is only appended to. What was written is with the operating system, so `kill -9` loses at most the
 * end of the write under way; a crash of the machine may lose more.
 */
export function historyFile(folder: string, name: string): HistorySink {
  mkdirSync(folder, { recursive: true });
  // Never a file that is there: a torn last line must stay the last.
  const file = openSync(join(folder, `${name}.ndjson`), 'ax');
  let closed = false;
  return {
    write(lines) {
      const bytes = Buffer.from(lines);
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    },
    close() {
      if (!closed) closeSync(file);
      closed = true;
    },
  };
}
