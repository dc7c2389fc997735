import type { NewTask } from '@omniq/core/storage';
import { BIAS, isPlain } from './pack-plain-rows.ts';
import { writeBody, writeImage } from './pack-rows.ts';
import { Writer } from './writer.ts';

/** To read one row the server reads its whole batch. */
const MOST = { rows: 100, bytes: 16_384 };
/** Fewer rows are not worth a batch. */
const FEWEST = 4;

export interface PackedBatches {
  /** The earliest of the rows. */
  readonly admitBy: number;
  /** Queue, place and batch of each, as `insertBatches` takes them. */
  readonly values: readonly (string | Buffer)[];
}

/** Rows as batches, or nothing where they differ too much, are large, are not due or have keys. */
export function packBatches(rows: readonly NewTask[], now: number): PackedBatches | undefined {
  if (rows.length < FEWEST || !rows.every((row) => isPlain(row) && row.expiresAt === null && row.runAt <= now)) return;
  if (new Set(rows.map(({ id }) => id)).size < rows.length) return;
  const values: (string | Buffer)[] = [];
  let admitBy = Number.POSITIVE_INFINITY;
  for (let from = 0; from < rows.length;) {
    const first = rows[from] as NewTask;
    const writer = new Writer(MOST.bytes);
    const size = writer.smallHole();
    writeImage(writer, first, 0, now);
    let to = from;
    for (let row: NewTask | undefined = first; row !== undefined && isLike(row, first); row = rows[to]) {
      if (to - from === MOST.rows || writer.length > MOST.bytes) break;
      writer.text(row.id);
      writeBody(writer, row);
      admitBy = Math.min(admitBy, row.admitBy);
      to += 1;
    }
    writer.fillSmall(size, to - from);
    const place = new Writer(10).sortedShort(1_000 - first.priority).sortedDouble(first.runAt + BIAS);
    values.push(first.queue, place.bytes(), writer.bytes());
    from = to;
    // So many batches that each has too few rows.
    if (values.length * FEWEST > 3 * rows.length) return;
  }
  return { admitBy, values };
}

/** Whether rows can share an image. */
function isLike(one: NewTask, other: NewTask): boolean {
  return (
    one.queue === other.queue &&
    one.priority === other.priority &&
    one.runAt === other.runAt &&
    one.holdMs === other.holdMs
  );
}
