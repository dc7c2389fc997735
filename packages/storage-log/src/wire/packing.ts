import type { PutAside } from '../columns/bytes-column.ts';

/** What encoding a command takes besides the command. */
export interface Packing {
  readonly putAside: PutAside;
  /** Whether this task is known to have had this lease: then the lease alone names it. */
  readonly isHeld: (id: string, lease: number) => boolean;
}
