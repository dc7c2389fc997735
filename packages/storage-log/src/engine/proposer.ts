import {
  isOmniQError,
  OmniQError,
  sleep,
  type Ambient,
  type OmniQErrorCode,
  type RecordStore,
} from '@omniq/core/storage';
import type { Command, Outcome } from '../machine/command.ts';
import type { SharedLog } from '../shared-log.ts';
import type { PutAside } from '../columns/bytes-column.ts';
import { packCommand, packEntry, packPointer, type EntryHeader } from '../wire/entry.ts';
import { FOLD_VERSION, type Folded } from './log-state.ts';
import type { Packs } from './packs.ts';
import type { Appended, Replica } from './replica.ts';
import type { Turns } from './turns.ts';

/** Commands in one entry, at most: one that is folded for long makes all others wait. */
const MOST_COMMANDS = 1_000;
/** Bytes in one entry: larger ones take longer than they save. */
const MOST_BYTES = 512 * 1_024;
/** What an entry takes besides its commands. */
const HEADER_BYTES = 512;
/** How often an append of unknown outcome is tried again. */
const TRIES = 4;
const FIRST_PAUSE_MS = 20;
/** These say that nothing was appended, and nothing will be. */
const FINAL: readonly OmniQErrorCode[] = ['STORE_FULL', 'STORE_CLOSED', 'PAYLOAD_TOO_LARGE', 'STORE_VERSION'];

/** What an entry says besides its commands. */
type Note = Partial<Pick<EntryHeader, 'mark' | 'activate'>>;

/** What came of an entry of this writer. */
interface Landed extends Pick<Folded, 'forgotten'> {
  readonly result: Exclude<Folded['result'], 'repeated'>;
}

interface Waiting {
  readonly command: Command | null;
  readonly note: Note;
  readonly resolve: (outcome: Outcome | undefined, landed: Landed) => void;
  readonly reject: (error: unknown) => void;
}

export interface ProposerOptions {
  readonly writer: string;
  readonly log: SharedLog;
  readonly records: RecordStore;
  readonly replica: Replica;
  readonly packs: Packs;
  readonly turns: Turns;
  readonly ambient: Ambient;
  readonly knows?: number;
}

/**
 * Writes to the log: what is asked for while an append is under way goes into the next one together. One append at a
 * time, so that a request number tells for each whether it was folded.
 */
export class Proposer {
  readonly #options: ProposerOptions;
  #waiting: Waiting[] = [];
  #request = 0;
  #awaited: { readonly request: number; landed: Landed | null } | null = null;
  #pumping: Promise<void> | null = null;

  constructor(options: ProposerOptions) {
    this.#options = options;
  }

  /**
   * Resolves once the command was folded, with what came of it.
   * @throws OmniQError `STORE_*` where that is not known, or it was not written
   */
  submit(command: Command): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#enqueue({ command, note: {}, resolve: (outcome) => resolve(outcome as Outcome), reject });
    });
  }

  /** Tells the log of something that is no command. */
  tell(note: Note): Promise<Landed> {
    return new Promise((resolve, reject) => {
      this.#enqueue({ command: null, note, resolve: (_outcome, landed) => resolve(landed), reject });
    });
  }

  /** An entry of this writer was folded. */
  folded(request: number, folded: Folded): void {
    // An append that was tried again may have landed twice: the first one counted.
    const { result, forgotten } = folded;
    if (this.#awaited?.request === request && result !== 'repeated') this.#awaited.landed ??= { result, forgotten };
  }

  /** Resolves when nothing is under way. */
  async quiet(): Promise<void> {
    while (this.#pumping !== null) await this.#pumping;
  }

  #enqueue(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#pumping ??= this.#pump();
  }

  async #pump(): Promise<void> {
    // Whoever asks in the same turn of the loop goes into the same entry.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      await this.#options.turns.give();
      await this.#commit();
    }
    // In the same step as the last look: whoever asks from here on starts anew.
    this.#pumping = null;
  }

  async #commit(): Promise<void> {
    const { packs, writer } = this.#options;
    const open = packs.begin(this.#now(), `${writer}-${this.#request + 1}`);
    const { taken, commands, note } = this.#take(open.add);
    if (taken.length === 0) return;
    try {
      await open.save();
      const landed = await this.#append(commands, note);
      const { result } = landed;
      if ('code' in result) throw new OmniQError(result.code, result.message);
      let index = 0;
      for (const { command, resolve } of taken) resolve(command === null ? undefined : result[index++], landed);
    } catch (error) {
      for (const { reject } of taken) reject(error);
    }
  }

  /** As many of those who wait as an entry holds. */
  #take(putAside: PutAside): { taken: Waiting[]; commands: Uint8Array[]; note: Note } {
    const taken: Waiting[] = [];
    const commands: Uint8Array[] = [];
    const { machine } = this.#options.replica.state;
    const packing = { putAside, isHeld: (id: string, lease: number) => machine.isHeld(id, lease) };
    let note: Note = {};
    let room = Math.min(MOST_BYTES, this.#options.log.capabilities.maxBytes) - HEADER_BYTES;
    let seen = 0;
    for (const next of this.#waiting) {
      try {
        const bytes = next.command === null ? null : packCommand(next.command, packing);
        const length = bytes?.length ?? 0;
        if (taken.length === MOST_COMMANDS || (taken.length > 0 && length > room)) break;
        room -= length;
        if (bytes !== null) commands.push(bytes);
        note = { ...note, ...next.note };
        taken.push(next);
      } catch (error) {
        next.reject(error);
      }
      seen += 1;
    }
    this.#waiting = this.#waiting.slice(seen);
    return { taken, commands, note };
  }

  async #append(commands: readonly Uint8Array[], note: Note): Promise<Landed> {
    const request = (this.#request += 1);
    const entry = await this.#lay(packEntry({ ...this.#header(request), ...note }, commands), request);
    const awaited = (this.#awaited = { request, landed: null as Landed | null });
    let failures = 0;
    for (;;) {
      try {
        await this.#tryOnce(entry);
      } catch (error) {
        // It may have been appended all the same: the log itself tells.
        await this.#options.replica.sync();
        failures += 1;
        if (awaited.landed === null && (failures === TRIES || isFinal(error))) throw error;
        if (awaited.landed === null) await sleep(this.#options.ambient.timers, FIRST_PAUSE_MS * 2 ** failures);
      }
      if (awaited.landed !== null) return awaited.landed;
      if (this.#isFolded(request)) throw unknownOutcome();
    }
  }

  /** One try to append, and what follows of it: the entry is folded, or somebody else's is. */
  async #tryOnce(entry: Appended): Promise<void> {
    const { log, replica, turns, ambient } = this.#options;
    const begun = replica.moment();
    const position = await log.append(entry.logged, replica.state.position + 1);
    turns.took(ambient.clock.monotonic() - begun.monotonic);
    if (log.capabilities.numberedBy === 'log') return replica.sync();
    if (position === null) {
      await replica.sync();
      return turns.queue();
    }
    // Who slept may have made an entry anew that was cleared away: then a snapshot is ahead of it, and it is void.
    if (replica.isStale && (await replica.leap())) return;
    replica.take(position, entry, begun);
  }

  /** An entry too large for the log lies beside it, and the log has a pointer to it. */
  async #lay(bytes: Uint8Array, request: number): Promise<Appended> {
    const { log, records, writer } = this.#options;
    if (bytes.length <= log.capabilities.maxBytes) return { logged: bytes, bytes, pointer: null };
    const pointer = `entry/${writer}-${request}`;
    await records.put(pointer, bytes);
    return { logged: packPointer(pointer), bytes, pointer };
  }

  #header(request: number): EntryHeader {
    const { writer, replica, knows = FOLD_VERSION } = this.#options;
    const { position, digest } = replica.state;
    return { writer, request, at: this.#now(), base: position, digest, knows, activate: 0, mark: null };
  }

  /** Never behind the log's time as far as it is known here. */
  #now(): number {
    return Math.max(Math.trunc(this.#options.ambient.clock.now()), this.#options.replica.state.time);
  }

  #isFolded(request: number): boolean {
    return (this.#options.replica.state.writers.get(this.#options.writer)?.request ?? 0) >= request;
  }
}

function isFinal(error: unknown): boolean {
  return FINAL.some((code) => isOmniQError(error, code));
}

/** Folded, but on a snapshot that somebody else made of it. */
function unknownOutcome(): OmniQError {
  return new OmniQError(
    'STORE_UNREACHABLE',
    'The log was left behind while it was written to; the outcome is not known.',
  );
}
