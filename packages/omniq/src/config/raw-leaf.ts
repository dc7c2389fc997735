import type { Medium } from './kinds.ts';
import type { Origin } from './resolved-config.ts';

/** A value as somebody gave it, not yet checked. */
export interface RawLeaf {
  /** Dotted key of a setting, or `storage`, `tasks`, `results`, `events`, `schedules`. */
  readonly key: string;
  /** The key as it was written. */
  readonly written: string;
  readonly raw: unknown;
  readonly origin: Origin;
}

/** What one source says. */
export interface Layer {
  readonly medium: Medium;
  readonly leaves: readonly RawLeaf[];
}

/** A checked value and who said it. */
export interface Said<T> {
  readonly value: T;
  readonly origin: Origin;
}
