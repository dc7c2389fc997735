import type { ResultKey, ResultStore, StoredResult } from '@omniq/core/storage';
import { removeFile, type Disk } from './disk.ts';
import { ExpiryMarks, spanOf, type ExpiryMark } from './expiry-marks.ts';
import { framed, readLabelled, spoilt } from './labelled.ts';
import { Opening } from './opening.ts';
import { ResultFiles } from './result-files.ts';
import { isOver, placeOf } from './result-name.ts';

/** So many files are written and flushed at once. */
const AT_ONCE = 16;

/** Results as files, one for each task and lease. */
export class FileResultStore implements ResultStore {
  readonly #opening: Opening;
  readonly #disk: Disk;
  readonly #marks: ExpiryMarks;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#opening = new Opening(disk);
    this.#marks = new ExpiryMarks(disk);
  }

  put(results: readonly StoredResult[]): Promise<void> {
    return this.#opening.run(async () => {
      const last = [...new Map(results.map((result) => [`${result.lease}/${result.id}`, result])).values()];
      const files = new ResultFiles(this.#disk);
      const changed = new Set<string>();
      for (let from = 0; from < last.length; from += AT_ONCE) {
        const some = await Promise.all(last.slice(from, from + AT_ONCE).map((result) => this.#write(files, result)));
        for (const folder of some.flat()) changed.add(folder);
      }
      if (last.length > 0) await this.#disk.syncFolders(this.#disk.path('results'), ...changed);
    });
  }

  get(keys: readonly ResultKey[], now: number): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#opening.run(async () => {
      const files = new ResultFiles(this.#disk);
      return keys.map((key) => this.#read(files, key, now));
    });
  }

  remove(keys: readonly { readonly id: string; readonly below?: number }[]): Promise<void> {
    return this.#opening.run(async () => {
      const files = new ResultFiles(this.#disk);
      for (const { id, below = Number.POSITIVE_INFINITY } of keys) {
        const { task, shard } = placeOf(id);
        for (const name of files.of(shard, task)) if (name.lease < below) files.remove(shard, name);
      }
    });
  }

  sweep(now: number, limit: number): Promise<number> {
    return this.#opening.run(async () => {
      const files = new ResultFiles(this.#disk);
      let gone = 0;
      for (const mark of this.#marks.due(now)) {
        if (gone >= limit) break;
        gone += this.#sweepTask(files, mark, now, limit - gone);
      }
      return gone;
    });
  }

  async close(): Promise<void> {
    this.#opening.close();
  }

  /** Returns the folders that it changed. */
  async #write(files: ResultFiles, { id, lease, value, expiresAt }: StoredResult): Promise<string[]> {
    const { task, shard } = placeOf(id);
    const temp = await this.#disk.writeTemp(framed('result', lease, { label: id, value }));
    // Before the result, lest a kill in between leaves one that no sweep finds.
    const mark = expiresAt === null ? null : { span: spanOf(expiresAt), shard, task };
    if (mark !== null) this.#marks.set(mark);
    const older = files.of(shard, task).filter((name) => name.lease === lease);
    let version = older.reduce((highest, name) => Math.max(highest, name.version), 0) + 1;
    try {
      while (!this.#disk.link(temp, files.path(shard, { task, lease, version, expiresAt }))) version += 1;
    } finally {
      removeFile(temp);
    }
    if (mark !== null && !this.#marks.has(mark)) this.#marks.set(mark);
    for (const name of older) files.remove(shard, name);
    const folders = mark === null ? [] : [this.#disk.path('results', 'expiry'), this.#marks.folder(mark.span)];
    return [this.#disk.path('results', shard), ...folders];
  }

  #read(files: ResultFiles, { id, lease }: ResultKey, now: number): Uint8Array | undefined {
    const { task, shard } = placeOf(id);
    for (;;) {
      const name = files.newest(shard, task, lease);
      if (name === undefined || isOver(name, now)) return undefined;
      const path = files.path(shard, name);
      const found = readLabelled(path, 'result', lease);
      if (found !== undefined && found.label !== id) throw spoilt(path, 'foreign');
      if (found !== undefined) return found.value;
      // Replaced or removed since it was listed.
      files.forget(shard);
    }
  }

  #sweepTask(files: ResultFiles, mark: ExpiryMark, now: number, limit: number): number {
    const { shard, task } = mark;
    let gone = 0;
    const names = files.of(shard, task);
    for (const lease of new Set(names.map((name) => name.lease))) {
      const [newest, ...older] = names.filter((name) => name.lease === lease).sort((a, b) => b.version - a.version);
      if (newest === undefined || !isOver(newest, now)) continue;
      if (gone === limit) return gone;
      // The newest last, lest an older one counts again.
      for (const name of older) files.remove(shard, name);
      if (files.remove(shard, newest)) gone += 1;
    }
    files.forget(shard);
    if (this.#isNeeded(files, mark)) return gone;
    this.#marks.clear(mark);
    // A result may have come in between, and its writer have seen the mark still there.
    files.forget(shard);
    if (this.#isNeeded(files, mark)) this.#marks.set(mark);
    return gone;
  }

  #isNeeded(files: ResultFiles, { span, shard, task }: ExpiryMark): boolean {
    return files.of(shard, task).some(({ expiresAt }) => expiresAt !== null && spanOf(expiresAt) === span);
  }
}
