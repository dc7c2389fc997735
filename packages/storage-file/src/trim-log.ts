import { unlink } from 'node:fs/promises';
import { namesIn, removeEmptyFolder, type Disk } from './disk.ts';
import { codeOf } from './failure.ts';
import { groupNamed, groupOf, numberOf } from './layout.ts';
import type { View } from './marks.ts';

/** So many files go at once, and the loop serves others in between. */
const AT_ONCE = 32;

/** Removes what lies below the floor, oldest first: entries, and what sleepers made anew. */
export async function trimLog(disk: Disk, { floor }: View): Promise<void> {
  const last = groupOf(floor, 0);
  const groups = namesIn(disk.path('log')).filter((name) => (groupNamed(name)?.first ?? floor) < floor);
  for (const group of groups.sort()) {
    const names = namesIn(disk.path('log', group)).filter((name) => (numberOf(name) ?? floor) < floor);
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const some = names.slice(from, from + AT_ONCE);
      await Promise.all(some.map((name) => unlinkIfThere(disk.path('log', group, name))));
    }
    if (group !== last) removeEmptyFolder(disk.path('log', group));
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
