import type { HistoryRecord } from './record.ts';

/** One line of one process's history. */
export interface Line {
  /** Where it stands: a file's name, or what the caller calls the process. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
  readonly record: HistoryRecord;
}

/** What several processes wrote, each in its own order. */
export interface History {
  readonly lines: readonly Line[];
  /** Files whose last line was cut off by the end of their process. */
  readonly torn: readonly string[];
}

/** A history from records that are at hand, by process. */
export function historyOf(processes: Readonly<Record<string, readonly HistoryRecord[]>>): History {
  const lines = Object.entries(processes).flatMap(([source, records]) =>
    records.map((record, index) => ({ source, line: index + 1, record })),
  );
  return { lines, torn: [] };
}
