import fs from 'node:fs';
import { OmniQError } from '@omniq/core/storage';
import { makeFolder, namesIn, removeFile, type Disk } from './disk.ts';
import { digitsOf, groupOf, numberOf } from './layout.ts';

/** What the log's files stand for, as of some instant. Two that are the same object are the same. */
export interface View {
  /** Entries below were trimmed: whatever lies there is none. At least 1. */
  readonly floor: number;
  /** Where the log was cut, in the order in which it was. */
  readonly cuts: readonly number[];
}

const floorName = /^floor-(\d{16})$/;
const cutName = /^cut-(\d{1,6})$/;
/** Of how many floors the marks stay. The highest one counts; one more is kept for whoever is listing them just now. */
const KEPT_FLOORS = 2;

/**
 * The marks that tell which files are entries. Each is made before a file goes and never undone, so whoever looks at
 * the files first and then at the marks is never misled: by an entry that somebody who slept made anew after it was
 * trimmed, or by one behind a cut.
 */
export class Marks {
  readonly #disk: Disk;
  readonly #folder: string;
  #names = '';
  #view: View = { floor: 1, cuts: [] };

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#folder = disk.path('marks');
  }

  current(): View {
    const names = fs.readdirSync(this.#folder).sort();
    const joined = names.join('/');
    if (joined === this.#names) return this.#view;
    const floor = names.reduce((highest, name) => Math.max(highest, floorIn(name)), this.#view.floor);
    const cuts = this.#cutsAmong(names);
    this.#names = joined;
    if (floor !== this.#view.floor || cuts.length !== this.#view.cuts.length) this.#view = { floor, cuts };
    return this.#view;
  }

  /** Entries below `floor` are none from here on. */
  async raise(floor: number): Promise<void> {
    if (this.current().floor >= floor) return;
    await this.#disk.create(this.#disk.path('marks', `floor-${digitsOf(floor)}`), []);
    await this.#disk.syncFolders(this.#folder);
    const floors = namesIn(this.#folder).filter((name) => floorName.test(name));
    for (const old of floors.sort().slice(0, -KEPT_FLOORS)) removeFile(this.#disk.path('marks', old));
  }

  /**
   * Ends the log before `position`; it goes on in other files. Returns `false` if marks were made meanwhile: a cut below
   * a floor would take away all that is above it.
   */
  async cut(view: View, position: number, why: string): Promise<boolean> {
    const told = Buffer.from(`${JSON.stringify({ position, why })}\n`);
    const temp = await this.#disk.writeTemp([told]);
    try {
      // From here to the link nothing is waited for.
      if (this.current() !== view) return false;
      if (!this.#disk.link(temp, this.#disk.path('marks', `cut-${view.cuts.length + 1}`))) return false;
    } finally {
      removeFile(temp);
    }
    await this.#disk.syncFolders(this.#folder);
    return true;
  }

  #cutsAmong(names: readonly string[]): number[] {
    const cuts: number[] = [...this.#view.cuts];
    const numbers = names.flatMap((name) => cutName.exec(name)?.[1] ?? []).map(Number);
    for (const number of numbers.sort((a, b) => a - b)) {
      if (number !== cuts.length + 1) continue;
      cuts.push(cutIn(this.#disk, `cut-${number}`));
    }
    return cuts;
  }
}

function cutIn(disk: Disk, name: string): number {
  const file = disk.path('marks', name);
  const found = /^\{"position":(\d{1,16}),/.exec(fs.readFileSync(file, 'utf8').slice(0, 64))?.[1];
  if (found !== undefined) return Number(found);
  throw new OmniQError('STORE_CORRUPT', `The file ${file} does not say where the log was cut.`, {
    hint: 'Restore it from a backup: without it, nobody knows which entries count.',
    backend: 'file',
    file,
  });
}

function floorIn(name: string): number {
  const digits = floorName.exec(name)?.[1];
  return digits === undefined ? 0 : (numberOf(digits) ?? 0);
}

/** How often the log was cut at or before a position: what is written there now belongs to that generation. */
export function generationOf({ cuts }: View, position: number): number {
  return cuts.findLastIndex((cut) => cut <= position) + 1;
}

/** The file of an entry. */
export function entryPath(disk: Disk, view: View, position: number): string {
  return disk.path('log', groupOf(position, generationOf(view, position)), digitsOf(position));
}

/** A folder of its own for what a cut leaves over. */
export function quarantineFor(disk: Disk, what: string): string {
  const folder = disk.path('quarantine', what);
  makeFolder(folder);
  return folder;
}
