import type { HistoryRecord } from '@omniq/core/storage';

/** Lease, length and record, one after the other. */
export function historyRecords(stored: Buffer | null): HistoryRecord[] {
  const records: HistoryRecord[] = [];
  for (let at = 0; stored !== null && at < stored.length;) {
    const end = at + 12 + stored.readUInt32LE(at + 8);
    records.push({ lease: stored.readDoubleLE(at), record: stored.subarray(at + 12, end) });
    at = end;
  }
  return records;
}
