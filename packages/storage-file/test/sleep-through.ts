import fs from 'node:fs';
import { vi } from 'vitest';

/** The next flush of a file takes as long as `meanwhile`: so does the sleep of whoever waits for it. */
export function sleepThrough(meanwhile: () => Promise<unknown>): void {
  const { fdatasync } = fs;
  vi.spyOn(fs, 'fdatasync').mockImplementationOnce((file, done) => {
    void (async () => {
      try {
        await meanwhile();
      } finally {
        fdatasync(file, done);
      }
    })();
  });
}
