import { OmniQError } from '@omniq/core/storage';
import fs from 'node:fs';
import { namesIn, removeEmptyFolder, renameFile, type Disk } from './disk.ts';
import type { FrameFault } from './frame.ts';
import { digitsOf, groupNamed, numberOf } from './layout.ts';
import { entryPath, generationOf, quarantineFor, type Marks, type View } from './marks.ts';

export interface Damage {
  readonly disk: Disk;
  readonly marks: Marks;
  readonly view: View;
  readonly position: number;
  readonly fault: FrameFault | 'missing';
  /** The highest position for which there is a whole snapshot. */
  readonly snapshot: number;
}

/**
 * Puts a log with a bad entry right. An entry is whole and on the disk before it gets its number, so a bad one is
 * damage, never a write that was cut short.
 *
 * Where a snapshot stands for it, the log begins behind it from now on. Else it ends before it: what follows goes to
 * `quarantine/`, as its meaning hangs on what is lost, and the log goes on in files of its own, so that nothing is
 * written over. Returns what to report, or `null` if another process was quicker.
 */
export async function healLog(damage: Damage): Promise<OmniQError | null> {
  const { disk, marks, view, position, snapshot, fault } = damage;
  const file = entryPath(disk, view, position);
  if (snapshot >= position) {
    if (marks.current() !== view) return null;
    // Of a hole only the beginning is known.
    await marks.raise(fault === 'missing' ? snapshot + 1 : position + 1);
    const kept = `${quarantineFor(disk, 'entries')}/${digitsOf(position)}-${disk.unique()}`;
    if (!renameFile(file, kept) && fault !== 'missing') return null;
    return report(damage, file, 'A snapshot stands for it, and nothing is lost. Check the disk.');
  }
  if (!(await marks.cut(view, position, fault))) return null;
  const folder = quarantineFor(disk, `cut-${view.cuts.length + 1}`);
  const moved = await moveSuperseded(disk, view, position, folder);
  return report(
    damage,
    file,
    `The log ends before it now, and ${moved} entries from there on were moved to ${folder}. ` +
      'To get them back, stop all processes and restore the whole folder from a backup; else what they did is lost. ' +
      'Check the disk.',
  );
}

function report({ disk, position, fault }: Damage, file: string, hint: string): OmniQError {
  return new OmniQError('STORE_CORRUPT', `Entry ${position} of the log is ${fault}: ${file}.`, {
    hint,
    backend: 'file',
    folder: disk.folder,
    file,
    position,
    fault,
  });
}

/** Moves entries from `position` on, as they were under `view`. Whoever is killed at it leaves files that nobody reads. */
async function moveSuperseded(disk: Disk, view: View, position: number, folder: string): Promise<number> {
  let moved = 0;
  for (const { group, positions } of groupsOf(disk, view)) {
    for (const each of positions) {
      if (each < position) continue;
      if (renameFile(disk.path('log', group, digitsOf(each)), `${folder}/${digitsOf(each)}`)) moved += 1;
    }
    removeEmptyFolder(disk.path('log', group));
  }
  await disk.syncFolders(folder, disk.path('log'));
  return moved;
}

/** The groups that count under a view, with the positions of theirs that do, in order. */
export function groupsOf(disk: Disk, view: View): { readonly group: string; readonly positions: readonly number[] }[] {
  return namesIn(disk.path('log'))
    .flatMap((name) => groupNamed(name) ?? [])
    .sort((a, b) => a.first - b.first || a.generation - b.generation)
    .map(({ name, generation }) => ({
      group: name,
      positions: namesIn(disk.path('log', name))
        .flatMap((each) => numberOf(each) ?? [])
        .filter((each) => each >= view.floor && generationOf(view, each) === generation)
        .sort((a, b) => a - b),
    }));
}

/** The first position that lacks though there are later ones, unless marks are made meanwhile. */
export function findHole(disk: Disk, view: View): number | null {
  let expected = view.floor;
  for (const { positions } of groupsOf(disk, view)) {
    for (const position of positions) {
      // A listing may miss what was made while it was read, so what lacks is looked for itself.
      while (expected < position && fs.existsSync(entryPath(disk, view, expected))) expected += 1;
      if (expected < position) return expected;
      expected = position + 1;
    }
  }
  return null;
}
