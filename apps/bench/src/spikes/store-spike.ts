import type { TaskStore } from '@omniq/core/storage';

/** The part of the storage contract that a spike implements, and what a measurement needs besides. */
export interface StoreSpike extends Pick<
  Required<TaskStore>,
  'insert' | 'claim' | 'update' | 'swap' | 'open' | 'beat' | 'sessions' | 'end' | 'close'
> {
  /** Creates whatever the store needs. */
  migrate(): Promise<void>;
  /** What `list({ states: ['running'], session })` would give a rescuer. */
  running(session: string, limit: number): Promise<readonly { id: string; lease: number }[]>;
  /** Tasks that run or are due. */
  left(now: number): Promise<number>;
  /** Says that this process waits for work, so that the next insert wakes it. */
  idle(): Promise<void>;
  /** Calls `wake` when a task may have become claimable. Returns what stops it. */
  listen(wake: () => void): Promise<() => Promise<void>>;
  pause(queue: string, paused: boolean): Promise<void>;
}
