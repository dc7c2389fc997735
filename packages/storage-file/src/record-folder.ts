import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, namesIn, removeEmptyFolder, removeFile, renameFile, type Disk } from './disk.ts';
import { codeOf } from './failure.ts';
import { framed, readLabelled, spoilt, type Labelled } from './labelled.ts';
import { ABANDONED_MS } from './open-folder.ts';

const tokenName = /^(head|gone)-([0-9a-f-]{36})$/;
const valueName = /^([0-9a-f-]{36})\.value$/;

/** How a record stands. `token` is the file whose renaming is the next change of it. */
export type RecordState =
  | { readonly tag: string; readonly token: string }
  | { readonly tag: null; readonly token: string | null };

/**
 * One record: a folder of values, each of a tag of its own, and one empty file, the token, whose name tells the tag
 * that counts. A change renames the token, and of all who try to rename it from one name one does; names never return,
 * so whoever slept over a change comes too late, and nothing has to be unlocked after a kill.
 */
export class RecordFolder {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #key: string;

  constructor(disk: Disk, path: string, key: string) {
    this.#disk = disk;
    this.#path = path;
    this.#key = key;
  }

  state(): RecordState {
    // A listing may miss a token that is being renamed: what seems to have none is looked at again.
    for (let look = 0; ; look += 1) {
      const names = namesIn(this.#path);
      const [token, kind, tag = ''] = names.map((name) => tokenName.exec(name)).find((found) => found !== null) ?? [];
      if (token !== undefined) return kind === 'head' ? { tag, token } : { tag: null, token };
      if (names.length === 0 || look === 3) return { tag: null, token: null };
    }
  }

  /** The value of a tag; `undefined` if there is another by now. */
  value(tag: string): Uint8Array | undefined {
    const path = join(this.#path, `${tag}.value`);
    const found = readLabelled(path, 'record', 0);
    if (found === undefined && this.state().tag === tag && !fs.existsSync(path)) throw spoilt(path, 'missing');
    if (found !== undefined && found.label !== this.#key) throw spoilt(path, 'foreign');
    return found?.value;
  }

  /** Writes under a new tag if the state is still that one. */
  async replace({ tag: old, token }: RecordState, value: Uint8Array): Promise<string | null> {
    const tag = this.#disk.unique();
    const content = { label: this.#key, value };
    if (token === null) return (await this.#make(tag, content)) ? tag : null;
    const temp = await this.#disk.writeTemp(framed('record', 0, content));
    const path = join(this.#path, `${tag}.value`);
    try {
      if (!renameFile(temp, path)) return null;
      if (!renameFile(join(this.#path, token), join(this.#path, `head-${tag}`))) {
        removeFile(path);
        return null;
      }
    } finally {
      removeFile(temp);
    }
    await this.#disk.syncFolders(this.#path);
    if (old !== null) removeFile(join(this.#path, `${old}.value`));
    this.#sweep(path);
    return tag;
  }

  /** Deletes if the state is still that one. */
  async remove({ token }: RecordState): Promise<boolean> {
    const gone = `gone-${this.#disk.unique()}`;
    if (token === null || !renameFile(join(this.#path, token), join(this.#path, gone))) return false;
    await this.#disk.syncFolders(this.#path);
    // Unless somebody writes the record anew just now.
    if (removeFile(join(this.#path, gone))) this.#clear();
    return true;
  }

  /** Makes the folder, with its first value and token in it, in one step. */
  async #make(tag: string, content: Labelled): Promise<boolean> {
    const folder = this.#disk.path('tmp', this.#disk.unique());
    try {
      makeFolder(folder);
      fs.closeSync(fs.openSync(join(folder, `head-${tag}`), 'wx'));
      const value = this.#disk.write(join(folder, `${tag}.value`), framed('record', 0, content));
      // Both flushes at once: the file has its name already.
      await Promise.all([value, this.#disk.syncFolders(folder)]);
      if (this.state().token !== null) return false;
      this.#clear();
      if (!renameFolder(folder, this.#path)) return false;
      await this.#disk.syncFolders(dirname(this.#path));
      return true;
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * Empties a folder in which there is no token: nothing that is in it then can count again, as every name is unique.
   * Somebody else may have done so and made the record anew since it was last looked at.
   */
  #clear(): void {
    const names = namesIn(this.#path);
    if (names.some((name) => tokenName.test(name))) return;
    for (const name of names) if (valueName.test(name)) removeFile(join(this.#path, name));
    removeEmptyFolder(this.#path);
  }

  /** Values that killed writers brought and did not get to use. */
  #sweep(newest: string): void {
    const values = namesIn(this.#path).filter((name) => valueName.test(name));
    if (values.length < 2) return;
    const now = fs.statSync(newest, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    for (const name of values) {
      const path = join(this.#path, name);
      const made = fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now;
      if (path !== newest && now - made > ABANDONED_MS) removeFile(path);
    }
  }
}

/** Returns `false` if there is one that is not empty. */
function renameFolder(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}
