import fs from 'node:fs';
import { makeFolder, namesIn, removeEmptyFolder, removeFile, type Disk } from './disk.ts';
import { codeOf } from './failure.ts';
import { digitsOf, numberOf } from './layout.ts';

/** Results that expire within one such span are looked at together. */
const SPAN_MS = 60_000;

const markName = /^([0-9a-f]{2})-([kh]-[a-z0-9_-]*)$/;

export interface ExpiryMark {
  readonly span: number;
  readonly shard: string;
  readonly task: string;
}

export function spanOf(expiresAt: number): number {
  return Math.floor(Math.max(0, expiresAt) / SPAN_MS);
}

/** Which tasks have results that expire when: empty files in a folder for each minute, so that a sweep reads no others. */
export class ExpiryMarks {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  has(mark: ExpiryMark): boolean {
    return fs.existsSync(this.#path(mark));
  }

  set(mark: ExpiryMark): void {
    try {
      fs.closeSync(fs.openSync(this.#path(mark), 'a'));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      makeFolder(this.#disk.path('results', 'expiry'));
      makeFolder(this.folder(mark.span));
      this.set(mark);
    }
  }

  clear(mark: ExpiryMark): void {
    removeFile(this.#path(mark));
  }

  /** Marks of what may have expired by `now`, earliest first. Folders that are empty go. */
  *due(now: number): Generator<ExpiryMark> {
    const spans = namesIn(this.#disk.path('results', 'expiry')).flatMap((name) => numberOf(name) ?? []);
    for (const span of spans.filter((each) => each <= spanOf(now)).sort((a, b) => a - b)) {
      for (const name of namesIn(this.folder(span))) {
        const [, shard, task] = markName.exec(name) ?? [];
        if (shard !== undefined && task !== undefined) yield { span, shard, task };
      }
      removeEmptyFolder(this.folder(span));
    }
  }

  folder(span: number): string {
    return this.#disk.path('results', 'expiry', digitsOf(span));
  }

  #path({ span, shard, task }: ExpiryMark): string {
    return `${this.folder(span)}/${shard}-${task}`;
  }
}
