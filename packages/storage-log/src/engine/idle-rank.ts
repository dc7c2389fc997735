import { crc32 } from 'node:zlib';
import type { SessionRow } from '@omniq/core/storage';

/**
 * How many idle sessions stand before this one. The row is the same for everyone who has folded the same entries, and
 * another one after the next entry: nobody is always first. A session that holds tasks stands before all.
 */
export function idleRank(sessions: readonly SessionRow[], session: string, position: number): number {
  const place = (id: string): number => crc32(id, position);
  const own = place(session);
  let rank = 0;
  for (const { id, ended, leases } of sessions) {
    if (id === session && leases > 0) return 0;
    if (!ended && leases === 0 && place(id) < own) rank += 1;
  }
  return rank;
}
