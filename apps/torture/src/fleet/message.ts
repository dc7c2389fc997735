/** What a process of the fleet tells of itself, about ten times a second. */
export interface Report {
  /** Tasks that were taken by the store, or completed, so far. */
  readonly done: number;
  /** Calls that failed with an error that names a store; they were made again. */
  readonly failures: number;
  /** Rejections that nobody handled: there may be none. */
  readonly unhandled: readonly string[];
}

/** What it is told to be: its place in the fleet, and where the queue and its history are. */
export interface Role {
  readonly kind: 'producer' | 'worker';
  readonly backend: string;
  readonly url: string;
  readonly history: string;
  /** Tasks a second, of a producer. */
  readonly rate: number;
}

export const REPORT_MS = 100;
