import { expect, test } from 'vitest';
import { openFileLog } from '../src/index.ts';
import { freshFolders } from './folder.ts';
import { bytesOf, contents, filled } from './logs.ts';

const fresh = freshFolders();

test('who watches hears of entries of the next thousand, too', async () => {
  const folder = fresh();
  const writer = await filled(folder, 998);
  const log = await openFileLog(folder);
  let wake = (): void => {};
  const stop = log.watch(() => wake());
  for (let at = 999; at <= 1_003; at += 1) {
    const woken = new Promise<void>((resolve) => (wake = resolve));
    await writer.append(bytesOf(`entry ${at}`), at);
    await woken;
    // A wake may be that of the entry before: the next one comes for certain.
    while ((await contents(log, at - 1)).length === 0) await new Promise<void>((resolve) => (wake = resolve));
  }
  stop();
  await log.close();
  expect(() => log.watch(() => {})).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }));
});
