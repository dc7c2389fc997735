import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { open as openFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Bell } from './bell.ts';
import { Coalescer } from './coalescer.ts';
import { SwapLoop } from './swap-loop.ts';
import type { Queue, Target } from './system.ts';

const batch = 100;
/** Highest priority first: 9999 less the priority, here that of all. */
const rank = '5000';
const pausesMs = [1, 2, 8];

type Held = { readonly name: string; readonly payload: string };

/** Opens a folder with a file for each task. `sync`: what is acknowledged is on the disk. */
export async function openFileQueue(
  { url, leaseMs = 30_000 }: Target,
  { sync }: { readonly sync: boolean },
): Promise<Queue> {
  return new FileQueue(url, sync, leaseMs);
}

/**
 * The smallest queue with a file a task: whoever renames it out of `waiting` into a folder of its own has it. The folder's
 * time of change is its owner's sign of life; what a silent one holds goes back to `waiting`.
 */
class FileQueue implements Queue {
  readonly #sync: boolean;
  readonly #leaseMs: number;
  readonly #worker = `${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly #temp: string;
  readonly #waiting: string;
  readonly #claimed: string;
  readonly #own: string;
  readonly #adds: Coalescer;
  readonly #bell = new Bell();
  readonly #loop: SwapLoop<Held>;
  #added = 0;
  /** Names seen in `waiting`, the next one last; others may have taken them since. */
  #seen: string[] = [];
  #looks = 0;
  #watcher: fs.FSWatcher | undefined;
  #beats: NodeJS.Timeout | undefined;

  constructor(folder: string, sync: boolean, leaseMs: number) {
    this.#sync = sync;
    this.#leaseMs = leaseMs;
    [this.#temp, this.#waiting, this.#claimed] = [
      join(folder, 'tmp'),
      join(folder, 'waiting'),
      join(folder, 'claimed'),
    ];
    this.#own = join(this.#claimed, this.#worker);
    for (const part of [this.#temp, this.#waiting, this.#claimed]) fs.mkdirSync(part, { recursive: true });
    this.#adds = new Coalescer((payloads) => this.#addDurably(payloads), { lanes: 1, largest: batch });
    this.#loop = new SwapLoop({ swap: (held) => this.#swap(held), idle: () => this.#idle() });
  }

  async enqueue(payload: string): Promise<void> {
    if (this.#sync) return this.#adds.add(payload);
    this.#add(payload);
  }

  async enqueueMany(payloads: readonly string[]): Promise<void> {
    if (this.#sync) return this.#addDurably(payloads);
    for (const payload of payloads) this.#add(payload);
  }

  async work(handler: (payload: string) => void): Promise<void> {
    this.#beat();
    this.#beats = setInterval(() => this.#beat(), this.#leaseMs / 3);
    this.#loop.start(1, ({ payload }) => handler(payload));
  }

  async left(): Promise<number> {
    const folders = [this.#waiting, ...this.#claimers()];
    return folders.reduce((sum, folder) => sum + namesIn(folder).length, 0);
  }

  async close(): Promise<void> {
    this.#bell.ring();
    await this.#loop.stop();
    clearInterval(this.#beats);
    this.#watcher?.close();
  }

  #add(payload: string): void {
    const name = this.#newName();
    const temp = join(this.#temp, name);
    fs.writeFileSync(temp, payload);
    fs.renameSync(temp, join(this.#waiting, name));
  }

  async #addDurably(payloads: readonly string[]): Promise<void> {
    for (let from = 0; from < payloads.length; from += batch) {
      const names = await Promise.all(payloads.slice(from, from + batch).map((payload) => this.#writeDurably(payload)));
      for (const name of names) await rename(join(this.#temp, name), join(this.#waiting, name));
      await syncFolder(this.#waiting);
    }
  }

  async #writeDurably(payload: string): Promise<string> {
    const name = this.#newName();
    const file = await openFile(join(this.#temp, name), 'wx');
    await file.writeFile(payload);
    await file.datasync();
    await file.close();
    return name;
  }

  #newName(): string {
    this.#added += 1;
    const time = String(Date.now()).padStart(15, '0');
    return `${rank}-${time}-${this.#worker}-${String(this.#added).padStart(9, '0')}`;
  }

  async #swap(held: readonly Held[]): Promise<Held[]> {
    await nextTurn(); // Timers and callers of this process get their turn between batches.
    for (const { name } of held) fs.rmSync(join(this.#own, name), { force: true });
    if (this.#sync && held.length > 0) await syncFolder(this.#own);
    const claimed = this.#claim();
    if (claimed.length > 0) this.#looks = 0;
    if (claimed.length === batch) this.#unwatch();
    return claimed;
  }

  #claim(): Held[] {
    const claimed: Held[] = [];
    if (this.#seen.length === 0) this.#seen = namesIn(this.#waiting).toSorted().toReversed();
    while (claimed.length < batch) {
      const name = this.#seen.pop();
      if (name === undefined) break;
      if (!moved(join(this.#waiting, name), join(this.#own, name))) continue;
      const payload = contentOf(join(this.#own, name));
      if (payload !== undefined) claimed.push({ name, payload });
    }
    return claimed;
  }

  /** Watches only while there is little to do: every claim is a change of the folder, too. */
  async #idle(): Promise<void> {
    if (this.#watcher === undefined) {
      this.#watcher = fs.watch(this.#waiting, () => this.#bell.ring());
      return; // One more look, since a task may have come just before.
    }
    await this.#bell.wait(pausesMs[this.#looks]);
    this.#looks += 1;
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Tells the others that this claimer lives, and takes from those that do not what they hold. */
  #beat(): void {
    const now = Date.now();
    fs.mkdirSync(this.#own, { recursive: true });
    fs.utimesSync(this.#own, now / 1000, now / 1000);
    for (const folder of this.#claimers()) {
      const seen = fs.statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now;
      if (now - seen <= this.#leaseMs) continue;
      for (const name of namesIn(folder)) moved(join(folder, name), join(this.#waiting, name));
      removeEmpty(folder); // Not with what is in it: whoever was only slow may have claimed again.
      this.#bell.ring();
    }
  }

  #claimers(): string[] {
    return namesIn(this.#claimed).map((name) => join(this.#claimed, name));
  }
}

/** Whether it was there to be moved: of several that try, one moves it. */
function moved(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch (error) {
    return isGone(error);
  }
}

function contentOf(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    isGone(error);
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    isGone(error);
    return [];
  }
}

function removeEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') isGone(error);
  }
}

/** Answers `false`; throws what else went wrong. */
function isGone(error: unknown): false {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return false;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await openFile(folder, 'r');
  await handle.sync();
  await handle.close();
}
