import type { RecordStore, StoredRecord } from '@omniq/core/storage';
import { namesIn, type Disk } from './disk.ts';
import { encodedKey, keyBytesOf, nameOf } from './key-name.ts';
import { readLabelled } from './labelled.ts';
import { Opening } from './opening.ts';
import { RecordFolder } from './record-folder.ts';

/** Keys of long names that were looked up are remembered, up to so many. */
const REMEMBERED = 10_000;

/** Records as folders of files: see {@link RecordFolder}. */
export class FileRecordStore implements RecordStore {
  readonly #opening: Opening;
  readonly #disk: Disk;
  readonly #part: 'records' | 'packs';
  readonly #longKeys = new Map<string, Buffer>();

  /** @param part the folder that they lie in: those of the log lie apart from the user's */
  constructor(disk: Disk, part: 'records' | 'packs' = 'records') {
    this.#disk = disk;
    this.#part = part;
    this.#opening = new Opening(disk);
  }

  get(key: string): Promise<StoredRecord | undefined> {
    return this.#opening.run(async () => {
      const folder = this.#folder(key);
      for (;;) {
        const { tag } = folder.state();
        if (tag === null) return undefined;
        const value = folder.value(tag);
        if (value !== undefined) return { tag, value };
      }
    });
  }

  put(key: string, value: Uint8Array, ifTag?: string | null): Promise<string | null> {
    return this.#opening.run(async () => {
      const folder = this.#folder(key);
      for (;;) {
        const state = folder.state();
        if (ifTag !== undefined && state.tag !== ifTag) return null;
        const tag = await folder.replace(state, value);
        if (tag !== null) return tag;
      }
    });
  }

  delete(key: string, ifTag?: string): Promise<boolean> {
    return this.#opening.run(async () => {
      const folder = this.#folder(key);
      for (;;) {
        const state = folder.state();
        if (state.tag === null || (ifTag !== undefined && state.tag !== ifTag)) return false;
        if (await folder.remove(state)) return true;
      }
    });
  }

  list(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    return this.#opening.run(async () => {
      const from = after === null ? null : Buffer.from(after);
      const found: string[] = [];
      for (const bytes of this.#keysFrom(prefix, from)) {
        if (found.length >= limit) break;
        const key = bytes.toString();
        if (this.#folder(key).state().tag !== null) found.push(key);
      }
      return found;
    });
  }

  async close(): Promise<void> {
    this.#opening.close();
  }

  #folder(key: string): RecordFolder {
    return new RecordFolder(this.#disk, this.#disk.path(this.#part, nameOf(key)), key);
  }

  /** Keys that are filed, in byte order; some may have been deleted. */
  #keysFrom(prefix: string, after: Buffer | null): Buffer[] {
    const [start, encoded] = [Buffer.from(prefix), `k-${encodedKey(prefix)}`];
    return namesIn(this.#disk.path(this.#part))
      .flatMap((name) => {
        if (name.startsWith('h-')) return this.#longKey(name) ?? [];
        return name.startsWith(encoded) ? (keyBytesOf(name) ?? []) : [];
      })
      .filter((key) => key.subarray(0, start.length).equals(start) && (after === null || key.compare(after) > 0))
      .sort((a, b) => a.compare(b));
  }

  /** The key of a name that is a hash: it stands in the value. */
  #longKey(name: string): Buffer | undefined {
    const known = this.#longKeys.get(name);
    if (known !== undefined) return known;
    const value = namesIn(this.#disk.path(this.#part, name)).find((each) => each.endsWith('.value'));
    const label =
      value === undefined ? undefined : readLabelled(this.#disk.path(this.#part, name, value), 'record', 0)?.label;
    if (label === undefined || nameOf(label) !== name) return undefined;
    if (this.#longKeys.size >= REMEMBERED) this.#longKeys.clear();
    const key = Buffer.from(label);
    this.#longKeys.set(name, key);
    return key;
  }
}
