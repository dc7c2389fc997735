import type { NewTask } from '@omniq/core/storage';
import { writeBody, writeImage } from './pack-rows.ts';
import { Writer } from './writer.ts';

/** Whether nothing but its id can keep the row out. */
export function isPlain({ unique, orderKey, parents }: NewTask): boolean {
  return unique === null && orderKey === null && parents.length === 0;
}

/** Added to times, so that their bytes are in their order. As `BIAS` in the functions. */
export const BIAS = 8.64e15;

/** Rows as `insertPlain` takes them, with the queues that they name by number. */
export function packPlainRows(rows: readonly NewTask[], now: number): { packed: Buffer; queues: readonly string[] } {
  const writer = new Writer();
  const queues = new Map<string, number>();
  for (const row of rows) {
    let queue = queues.get(row.queue);
    if (queue === undefined) queues.set(row.queue, (queue = queues.size));
    writer.text(row.id).double(row.admitBy).short(queue);
    writer.sortedShort(1_000 - row.priority).sortedDouble(row.runAt + BIAS);
    writeImage(writer, row, 0, now);
    writeBody(writer, row);
  }
  return { packed: writer.bytes(), queues: [...queues.keys()] };
}
