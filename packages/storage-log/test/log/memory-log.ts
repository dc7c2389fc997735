import { OmniQError, type LogCapabilities, type LogEntry, type LogSnapshot, type SharedLog } from '@omniq/core/storage';

/** What the openings of one log have in common. Outlives them, as a disk outlives the processes that write to it. */
export class SharedMemory {
  /** By position, the trimmed ones left out. */
  readonly entries: Map<number, LogEntry> = new Map();
  readonly snapshots: Map<number, Uint8Array> = new Map();
  readonly watchers: Set<() => void> = new Set();
  /** Position of the last entry before which there is no hole. */
  head = 0;
  /** Entries before this position were trimmed. */
  first = 1;
  /** The time of the last entry. */
  time = 0;

  put(position: number, bytes: Uint8Array, now: number | null): void {
    if (now !== null) this.time = Math.max(this.time, now);
    this.entries.set(position, { position, bytes: bytes.slice(), time: now === null ? null : this.time });
    while (this.entries.has(this.head + 1)) this.head += 1;
    queueMicrotask(() => this.watchers.forEach((wake) => wake()));
  }
}

export interface MemoryLogOptions {
  readonly numberedBy: 'log' | 'writers';
  /** Gives entries their time; `null`: the log has none. */
  readonly clock: { now(): number } | null;
  /** Largest entry; default 1 MiB. */
  readonly maxBytes?: number;
  /** Default 24 h. */
  readonly keepMs?: number;
  /** Says so of itself: for tests to which the shared memory stands for a disk. Default `false`. */
  readonly durable?: boolean;
}

/** One opening of a log in memory. Each verb takes effect when it is called, and answers in a later microtask. */
export async function openMemoryLog(memory: SharedMemory, options: MemoryLogOptions): Promise<MemoryLog> {
  return new MemoryLog(memory, options);
}

export class MemoryLog implements SharedLog {
  readonly capabilities: LogCapabilities;
  readonly #memory: SharedMemory;
  readonly #clock: MemoryLogOptions['clock'];
  readonly #watchers = new Set<() => void>();
  #isClosed = false;

  constructor(memory: SharedMemory, options: MemoryLogOptions) {
    const { numberedBy, clock, maxBytes = 1_048_576, keepMs = 86_400_000, durable = false } = options;
    this.capabilities = { durable, shared: 'process', numberedBy, clock: clock !== null, maxBytes, keepMs };
    this.#memory = memory;
    this.#clock = clock;
  }

  async append(bytes: Uint8Array, at: number): Promise<number | null> {
    const memory = this.#open();
    const { maxBytes, numberedBy } = this.capabilities;
    if (bytes.length > maxBytes)
      throw new OmniQError('PAYLOAD_TOO_LARGE', `An entry has ${bytes.length} bytes, the log takes ${maxBytes}.`);
    const position = numberedBy === 'log' ? memory.head + 1 : at;
    if (memory.entries.has(position)) return null;
    memory.put(position, bytes, this.#clock?.now() ?? null);
    return position;
  }

  async read(after: number, limit: number): Promise<readonly LogEntry[]> {
    const { entries, first, head } = this.#open();
    const found: LogEntry[] = [];
    for (let position = Math.max(after + 1, first); position <= head && found.length < limit; position += 1)
      found.push(entries.get(position) as LogEntry);
    return found;
  }

  watch(wake: () => void): () => void {
    const { watchers } = this.#open();
    const watcher = (): void => wake();
    this.#watchers.add(watcher);
    watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
      watchers.delete(watcher);
    };
  }

  async saveSnapshot(position: number, bytes: Uint8Array): Promise<void> {
    const { snapshots } = this.#open();
    if (!snapshots.has(position)) snapshots.set(position, bytes.slice());
  }

  async loadSnapshot(): Promise<LogSnapshot | null> {
    const { snapshots } = this.#open();
    const position = Math.max(...snapshots.keys());
    const bytes = snapshots.get(position);
    return bytes === undefined ? null : { position, bytes };
  }

  async trim(position: number): Promise<void> {
    const memory = this.#open();
    for (; memory.first < position; memory.first += 1) memory.entries.delete(memory.first);
    const older = [...memory.snapshots.keys()].toSorted((a, b) => b - a).slice(2);
    for (const each of older) memory.snapshots.delete(each);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const watcher of this.#watchers) this.#memory.watchers.delete(watcher);
    this.#watchers.clear();
  }

  #open(): SharedMemory {
    if (this.#isClosed) throw new OmniQError('STORE_CLOSED', 'The log was closed.');
    return this.#memory;
  }
}
