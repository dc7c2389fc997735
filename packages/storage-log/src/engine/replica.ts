import { OmniQError, sleep, type Ambient, type RecordStore } from '@omniq/core/storage';
import type { LogEntry, SharedLog } from '../shared-log.ts';
import { pointerIn, unpackEntry, type Entry } from '../wire/entry.ts';
import { inTurns } from './in-turns.ts';
import { LogState, type Folded } from './log-state.ts';

/** What is read at once. */
const PAGE = 256;
/** So long a replica that did not look trusts that nothing before its position was cleared away. */
export const TRUST_MS = 60_000;
/** Folding pauses after so long, so that timers and heartbeats get their turn. */
const FOLD_MS = 20;

/** What hears of each entry that was folded. */
export type OnFold = (entry: Entry | null, folded: Folded, position: number) => void;

/** An entry of our own. */
export interface Appended {
  /** What stands in the log: the entry, or a pointer to it. */
  readonly logged: Uint8Array;
  readonly bytes: Uint8Array;
  readonly pointer: string | null;
}

/** An instant by both clocks: one stands still while the machine sleeps, the other may be set. */
export interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

export interface ReplicaOptions {
  /** Whose commands somebody here waits for. */
  readonly writer: string;
  readonly log: SharedLog;
  readonly records: RecordStore;
  readonly ambient: Ambient;
  readonly onFold: OnFold;
  readonly knows: number | undefined;
}

/** This process's copy of the state, and how it follows the log. */
export class Replica {
  readonly #writer: string;
  readonly #log: SharedLog;
  readonly #records: RecordStore;
  readonly #ambient: Ambient;
  readonly #onFold: OnFold;
  readonly #knows: number | undefined;
  #state: LogState;
  /** Why it folds no further. */
  #broken: OmniQError | null = null;
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #syncedAt: Moment | null = null;

  constructor({ writer, log, records, ambient, onFold, knows }: ReplicaOptions) {
    this.#writer = writer;
    this.#log = log;
    this.#records = records;
    this.#ambient = ambient;
    this.#onFold = onFold;
    this.#knows = knows;
    this.#state = new LogState(knows);
  }

  /** As far as it was folded; another object after the log was left behind. */
  get state(): LogState {
    return this.#state;
  }

  /**
   * Folds all that was in the log when this was called.
   * @throws OmniQError what the log throws; `STORE_VERSION`, `STORE_CORRUPT` once it cannot go on
   */
  sync(): Promise<void> {
    // Reads that were not begun yet serve all who ask until they are.
    this.#next ??= this.#reading.then(() => {
      this.#next = null;
      return this.#follow();
    });
    this.#reading = this.#next.catch(() => {});
    return this.#next;
  }

  /**
   * Folds an entry of our own that was just appended, unless it was read meanwhile or others come before it.
   * @param since when the append began: the log's end was known then
   */
  take(position: number, { logged, bytes, pointer }: Appended, since: Moment): void {
    if (this.#broken !== null || position !== this.#state.position + 1) return;
    this.#fold({ position, bytes: logged, time: null }, bytes, pointer);
    this.#syncedAt = since;
  }

  moment(): Moment {
    const { clock } = this.#ambient;
    return { wall: clock.now(), monotonic: clock.monotonic() };
  }

  /** Whether it looked at the log so long ago that its beginning may have been cleared away since, and written anew. */
  get isStale(): boolean {
    return this.#isLongAgo(this.#syncedAt);
  }

  /** Goes on from the newest snapshot if that is ahead; returns whether it was. */
  async leap(): Promise<boolean> {
    const snapshot = await this.#log.loadSnapshot();
    if (snapshot === null || snapshot.position <= this.#state.position) return false;
    const restored = await inTurns(LogState.restoring(snapshot.bytes, this.#knows), this.#ambient.timers);
    // Our own append may have been taken meanwhile, or another leap been made.
    if (snapshot.position <= this.#state.position) return false;
    this.#state = restored;
    return true;
  }

  async #follow(): Promise<void> {
    if (this.#broken !== null) throw this.#broken;
    let known = this.#syncedAt;
    for (;;) {
      if (this.#isLongAgo(known)) await this.leap();
      const asked = this.moment();
      const entries = await this.#log.read(this.#state.position, PAGE);
      // Whoever slept meanwhile may have been given what somebody else wrote anew.
      if (this.#isLongAgo(asked)) continue;
      if (entries.length === 0) {
        this.#syncedAt = asked;
        return;
      }
      await this.#foldAll(entries);
      known = asked;
    }
  }

  #isLongAgo(moment: Moment | null): boolean {
    if (moment === null) return true;
    if (this.#log.capabilities.numberedBy === 'log') return false;
    const { wall, monotonic } = this.moment();
    return monotonic - moment.monotonic > TRUST_MS || Math.abs(wall - moment.wall) > TRUST_MS;
  }

  async #foldAll(entries: readonly LogEntry[]): Promise<void> {
    const { clock, timers } = this.#ambient;
    let since = clock.monotonic();
    for (const entry of entries) {
      if (entry.position <= this.#state.position) continue;
      if (entry.position > this.#state.position + 1) return this.#overGap(entry.position);
      const pointer = pointerIn(entry.bytes);
      const bytes = pointer === null ? entry.bytes : await this.#fetch(pointer, entry.position);
      // Our own append may have been taken while this one was fetched.
      if (entry.position === this.#state.position + 1) this.#fold(entry, bytes, pointer);
      if (clock.monotonic() - since < FOLD_MS) continue;
      await timers.turn();
      since = clock.monotonic();
    }
  }

  #fold(arrived: LogEntry, bytes: Uint8Array, pointer: string | null): void {
    try {
      const entry = readable(bytes);
      const folded = this.#state.fold(entry, {
        bytes: arrived.bytes,
        time: arrived.time,
        pointer,
        isOurs: entry?.writer === this.#writer,
      });
      this.#onFold(entry, folded, arrived.position);
    } catch (error) {
      this.#broken = error as OmniQError;
      throw error;
    }
  }

  /** The log was trimmed beyond what this replica had folded: a snapshot stands for what is gone. */
  async #overGap(position: number): Promise<void> {
    if ((await this.leap()) || position <= this.#state.position + 1) return;
    throw new OmniQError(
      'STORE_CORRUPT',
      `The log goes on at entry ${position}, and nothing stands for those before.`,
      {
        hint: 'A snapshot or entries were removed by hand: restore them from a backup.',
        position,
      },
    );
  }

  async #fetch(key: string, position: number): Promise<Uint8Array> {
    for (let tries = 0; ; tries += 1) {
      const record = await this.#records.get(key);
      if (record !== undefined) return record.value;
      // It was written before its pointer; a store of records that is read from a copy may be behind.
      if (tries === 5) {
        throw new OmniQError('STORE_CORRUPT', `The bytes of entry ${position} are missing.`, { position, key });
      }
      await sleep(this.#ambient.timers, 100);
    }
  }
}

/** `null` for an entry that cannot be read, whoever wrote it: every replica passes it over alike. */
function readable(bytes: Uint8Array): Entry | null {
  try {
    return unpackEntry(bytes);
  } catch (error) {
    if ((error as OmniQError).code === 'STORE_VERSION') throw error;
    return null;
  }
}
