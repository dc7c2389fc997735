import { makeFolder, namesIn, removeFile, type Disk } from './disk.ts';
import type { FiledEvent } from './event-files.ts';
import { digitsOf } from './layout.ts';

/** A place in the order of events: by time, then by where in the file of its hour. */
export interface EventPlace {
  readonly at: number;
  readonly offset: number;
}

/** Before everything of an instant: no line begins at 0. */
export function startOf(at: number): EventPlace {
  return { at, offset: 0 };
}

const markName = /^(\d{16})-(\d{16})$/;
/** The highest mark counts; one more is kept for whoever is listing them just now. */
const KEPT = 2;

export function comesAfter({ event, offset }: FiledEvent, place: EventPlace): boolean {
  return event.at > place.at || (event.at === place.at && offset > place.offset);
}

/** The last event that was trimmed: the lines up to it stay in their file until all of it goes, and count no more. */
export class EventFloor {
  readonly #disk: Disk;
  readonly #folder: string;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#folder = disk.path('events', 'trimmed');
  }

  current(): EventPlace {
    const [, at, offset] = markName.exec(this.#marks().at(-1) ?? '') ?? [];
    return at === undefined ? startOf(0) : { at: Number(at), offset: Number(offset) };
  }

  async raise({ at, offset }: EventPlace): Promise<void> {
    makeFolder(this.#folder);
    await this.#disk.create(`${this.#folder}/${digitsOf(at)}-${digitsOf(offset)}`, []);
    await this.#disk.syncFolders(this.#folder);
    for (const old of this.#marks().slice(0, -KEPT)) removeFile(`${this.#folder}/${old}`);
  }

  #marks(): string[] {
    return namesIn(this.#folder)
      .filter((name) => markName.test(name))
      .sort();
  }
}
