/** Where schedules live: rows under compare-and-set, found by their next due time. */
export interface ScheduleStore {
  /** Writes if the stored revision is `ifRevision` (`null`: only if absent). Returns the new revision, or `null` if it was another. */
  put(row: ScheduleRow, ifRevision: number | null): Promise<number | null>;
  get(id: string): Promise<StoredSchedule | undefined>;
  /** By due time, then id; without `dueBy` all of them, by id. */
  list(query: ScheduleQuery): Promise<SchedulePage>;
  remove(id: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface ScheduleRow {
  readonly id: string;
  readonly state: 'active' | 'paused' | 'ended';
  /** The next slot, epoch ms; `null` when none will come. */
  readonly dueAt: number | null;
  /** The definition and its counters, encoded by the core. */
  readonly body: Uint8Array;
}

export interface StoredSchedule extends ScheduleRow {
  /** Grows with every write. */
  readonly revision: number;
}

export interface ScheduleQuery {
  readonly states?: readonly ScheduleRow['state'][];
  readonly dueBy?: number;
  readonly after?: string;
  readonly limit: number;
}

export interface SchedulePage {
  readonly items: readonly StoredSchedule[];
  readonly next?: string;
}
