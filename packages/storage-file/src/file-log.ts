import fs from 'node:fs';
import { dirname } from 'node:path';
import { OmniQError, type LogCapabilities, type LogEntry, type LogSnapshot, type SharedLog } from '@omniq/core/storage';
import { readFile, removeFile, type Disk } from './disk.ts';
import { FRAME_BYTES, frameHead, unframe, type FrameFault } from './frame.ts';
import { findHole, healLog } from './heal-log.ts';
import { LogWatcher } from './log-watcher.ts';
import { entryPath, Marks, type View } from './marks.ts';
import { openFolder, sweepTemps, type FolderOptions } from './open-folder.ts';
import { Snapshots } from './snapshots.ts';
import { trimLog } from './trim-log.ts';

/** The largest entry. */
export const MAX_ENTRY_BYTES = 33_554_432;
/** The most that one read takes. */
const PAGE = { entries: 256, bytes: 4_194_304 };

/** Opens the log in a folder: see {@link openFolder} for what it throws. */
export async function openFileLog(folder: string, options: FolderOptions = {}): Promise<FileLog> {
  return new FileLog(await openFolder(folder, options));
}

/** A log of numbered files: whoever links an entry to a number has appended it. */
export class FileLog implements SharedLog {
  readonly capabilities: LogCapabilities = {
    durable: true,
    shared: 'host',
    numberedBy: 'writers',
    clock: false,
    maxBytes: MAX_ENTRY_BYTES,
    keepMs: 300_000,
  };

  readonly #disk: Disk;
  readonly #marks: Marks;
  readonly #snapshots: Snapshots;
  readonly #watcher: LogWatcher;
  #view: View;
  /** The furthest position that this opening was told of. */
  #told = 0;
  /** Why it can go on no more. */
  #overtaken: OmniQError | null = null;
  #isSearched = false;
  /** The folder whose own name, and everything before it, is known to be durable. */
  #settled = '';
  /** The last entry that lost its number. */
  #written: { readonly bytes: Uint8Array; readonly temp: string } | null = null;
  #isClosed = false;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#marks = new Marks(disk);
    this.#view = this.#marks.current();
    this.#snapshots = new Snapshots(disk);
    this.#watcher = new LogWatcher(disk.path('log'));
  }

  append(bytes: Uint8Array, at: number): Promise<number | null> {
    return this.#run(async () => {
      if (bytes.length > MAX_ENTRY_BYTES) throw tooLarge(bytes.length);
      const view = this.#look();
      const path = entryPath(this.#disk, view, at);
      if (at < view.floor || fs.existsSync(path)) return null;
      this.#refuseHole(view, at);
      if (!(await this.#link(bytes, path))) return null;
      if (!this.#counts(view, at, path)) return null;
      await this.#settle(view, at, path);
      this.#told = Math.max(this.#told, at);
      return at;
    });
  }

  /**
   * An entry that lost its number is written to the disk already: it waits for the next one, which whoever lost tries
   * with the same bytes.
   */
  async #link(bytes: Uint8Array, path: string): Promise<boolean> {
    const temp = this.#written?.bytes === bytes ? this.#written.temp : null;
    if (temp === null) this.#discard();
    this.#written ??= { bytes, temp: await this.#disk.writeTemp([frameHead('entry', 0, [bytes]), bytes]) };
    if (!this.#disk.link(this.#written.temp, path)) return false;
    this.#discard();
    return true;
  }

  #discard(): void {
    if (this.#written !== null) removeFile(this.#written.temp);
    this.#written = null;
  }

  read(after: number, limit: number): Promise<readonly LogEntry[]> {
    return this.#run(async () => {
      await this.#search();
      for (;;) {
        const view = this.#look();
        const entries = await this.#entriesFrom(view, Math.max(after + 1, view.floor), limit);
        // Marks come before what they tell: unless there are new ones, these are the log's entries.
        if (entries === null || this.#marks.current() !== view) continue;
        this.#told = Math.max(this.#told, entries.at(-1)?.position ?? 0);
        return entries;
      }
    });
  }

  watch(wake: () => void): () => void {
    this.#check();
    return this.#watcher.add(wake);
  }

  saveSnapshot(position: number, bytes: Uint8Array): Promise<void> {
    return this.#run(() => this.#snapshots.save(this.#look(), position, bytes));
  }

  loadSnapshot(): Promise<LogSnapshot | null> {
    return this.#run(async () => {
      const snapshot = this.#snapshots.newest(this.#look());
      this.#told = Math.max(this.#told, snapshot?.position ?? 0);
      return snapshot;
    });
  }

  trim(position: number): Promise<void> {
    return this.#run(async () => {
      this.#look();
      await this.#marks.raise(position);
      const view = this.#look();
      await trimLog(this.#disk, view);
      this.#snapshots.prune(view);
      sweepTemps(this.#disk);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#discard();
    this.#watcher.close();
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    this.#check();
    return this.#disk.run(work);
  }

  #check(): void {
    if (!this.#isClosed) return;
    throw new OmniQError('STORE_CLOSED', `The log in ${this.#disk.folder} was closed.`, { backend: 'file' });
  }

  /** What counts now; fails for ever once the log was cut before something that this opening was told of. */
  #look(): View {
    if (this.#overtaken !== null) throw this.#overtaken;
    const view = this.#marks.current();
    if (view === this.#view) return view;
    const cut = Math.min(...view.cuts.slice(this.#view.cuts.length));
    if (cut <= this.#told) throw (this.#overtaken = overtaken(this.#disk, cut));
    this.#view = view;
    return view;
  }

  /**
   * Whether a new entry is one. Whoever slept from before a trim until after it finds the number free: then there is a
   * mark above it. Behind a cut, nobody will ever read it.
   */
  #counts(view: View, at: number, path: string): boolean {
    const now = this.#marks.current();
    if (now === view) return true;
    if (entryPath(this.#disk, now, at) !== path) throw overtaken(this.#disk, at);
    if (at >= now.floor) return true;
    removeFile(path);
    return false;
  }

  /** An entry beyond the end would be acknowledged, and read by nobody. */
  #refuseHole(view: View, at: number): void {
    if (at <= view.floor || fs.existsSync(entryPath(this.#disk, view, at - 1))) return;
    if (at <= this.#marks.current().floor) return;
    throw new OmniQError('STORE_FAILED', `There is no entry ${at - 1} that an entry ${at} could follow.`, {
      hint: 'The log ends before: read it first.',
      backend: 'file',
      folder: this.#disk.folder,
      position: at,
    });
  }

  /**
   * Makes the name of an entry durable. Those of all entries before it in the same folder become so at once; for the
   * first one here, the folder before it is seen to as well, since who wrote there may not have come so far.
   */
  async #settle(view: View, at: number, path: string): Promise<void> {
    const folder = dirname(path);
    if (folder === this.#settled) return this.#disk.syncFolders(folder);
    const before = dirname(entryPath(this.#disk, view, Math.max(1, at - 1)));
    const both = before !== folder && fs.existsSync(before) ? [before, folder] : [folder];
    await this.#disk.syncFolders(...both, this.#disk.path('log'));
    this.#settled = folder;
  }

  /** `null` where the log was healed by somebody else meanwhile. */
  async #entriesFrom(view: View, first: number, limit: number): Promise<readonly LogEntry[] | null> {
    const entries: LogEntry[] = [];
    const most = Math.min(limit, PAGE.entries);
    for (let [position, room] = [first, PAGE.bytes]; entries.length < most && room > 0; position += 1) {
      const file = readFile(entryPath(this.#disk, view, position), MAX_ENTRY_BYTES + FRAME_BYTES);
      if (file === undefined) break;
      const bytes = file === null ? 'foreign' : unframe('entry', 0, file);
      if (typeof bytes !== 'string') entries.push({ position, bytes, time: null });
      else if (entries.length > 0) break;
      else return this.#heal(view, position, bytes);
      room -= bytes.length;
    }
    return entries;
  }

  /** Once for each opening: an entry that lacks is found only by looking for those behind it. */
  async #search(): Promise<void> {
    if (this.#isSearched) return;
    for (;;) {
      const view = this.#look();
      const hole = findHole(this.#disk, view);
      if (this.#marks.current() !== view) continue;
      if (hole === null) break;
      await this.#heal(view, hole, 'missing');
    }
    this.#isSearched = true;
  }

  async #heal(view: View, position: number, fault: FrameFault | 'missing'): Promise<null> {
    const report = await healLog({
      disk: this.#disk,
      marks: this.#marks,
      view,
      position,
      fault,
      snapshot: this.#snapshots.newest(view)?.position ?? 0,
    });
    if (report !== null) throw report;
    return null;
  }
}

function tooLarge(size: number): OmniQError {
  return new OmniQError('PAYLOAD_TOO_LARGE', `An entry of ${size} bytes is too large for the log.`, {
    hint: `It takes ${MAX_ENTRY_BYTES}: send less at once.`,
    size,
    limit: MAX_ENTRY_BYTES,
  });
}

function overtaken({ folder }: Disk, cut: number): OmniQError {
  return new OmniQError('STORE_CORRUPT', `The log in ${folder} was damaged, and ends before entry ${cut} now.`, {
    hint: 'What this process knows of it is more than that: restart it. What was cut off lies in quarantine/.',
    backend: 'file',
    folder,
    position: cut,
  });
}
