import { crc32 } from 'node:zlib';
import { OmniQError, type OmniQErrorCode } from '@omniq/core/storage';
import type { Outcome, Refusal } from '../machine/command.ts';
import type { Steps } from '../machine/steps.ts';
import { TaskMachine } from '../machine/task-machine.ts';
import type { Entry } from '../wire/entry.ts';
import { decodeState, encodeHeader, joined, lengthOf, type StateHeader } from '../wire/state.ts';
import { Digests } from './digests.ts';
import { SnapshotMarks } from './snapshot-marks.ts';

/** An entry older than this against the log's time is void: whoever wrote it was told long ago that it may be lost. */
export const ADMISSION_MS = 900_000;

/** The newest rules of folding that this code knows; it knows the ones before them as well. */
export const FOLD_VERSION = 1;

/** What the log has told of one writer. */
export interface WriterRow {
  /** Its last request that was folded: the same again, or an older one, is void. */
  readonly request: number;
  /** The log's time of that. */
  readonly at: number;
  /** The newest fold version that its code knows. */
  readonly knows: number;
}

/** What an entry led to. */
export interface Folded {
  /** One outcome for each command; or why the whole entry counts for nothing. */
  readonly result: readonly Outcome[] | Refusal | 'repeated';
  /** Its writer is to take a snapshot. */
  readonly snapshotDue: boolean;
  /** Keys of records that no entry points to any more. */
  readonly forgotten: readonly string[];
}

/** What stands for the log up to a position. */
export interface StateSnapshot {
  readonly position: number;
  /** The log's time there. */
  readonly time: number;
  readonly bytes: Uint8Array;
  /** Keys of the packs that hold any bytes of its tasks. */
  readonly packs: ReadonlySet<string>;
}

/** How an entry came. */
export interface Arrival {
  readonly bytes: Uint8Array;
  /** The log's own time of it, or `null` where only the writer's is known. */
  readonly time: number | null;
  /** Where its bytes lie, if not in the log. */
  readonly pointer: string | null;
  /** Whether anybody here waits for its outcome. */
  readonly isOurs: boolean;
}

/**
 * All that replaying the log up to a position leads to: the task machine, the writers, the log's time. Two replicas at
 * one position are equal, however they got there.
 */
export class LogState {
  readonly machine: TaskMachine;
  readonly writers: Map<string, WriterRow>;
  readonly marks: SnapshotMarks;
  /** The newest version that this replica can fold. */
  readonly knows: number;
  #pointers: (readonly [position: number, key: string])[];
  #position: number;
  #time: number;
  #version: number;
  readonly #digests: Digests;

  constructor(knows: number = FOLD_VERSION, header: StateHeader = beginning, machine: TaskMachine = new TaskMachine()) {
    this.knows = knows;
    this.machine = machine;
    this.#position = header.position;
    this.#time = header.time;
    this.#version = header.version;
    this.#digests = new Digests(header.position, header.digest);
    this.#pointers = [...header.pointers];
    this.marks = new SnapshotMarks(
      header.marks.map(([position, bytes, at]) => ({ position, bytes, at })),
      header.grown,
      header.trimmable,
    );
    this.writers = new Map(header.writers.map(([id, request, at, knew]) => [id, { request, at, knows: knew }]));
  }

  /** @throws OmniQError `STORE_CORRUPT` on a snapshot that is damaged, `STORE_VERSION` on one of a newer version */
  static *restoring(bytes: Uint8Array, knows: number = FOLD_VERSION): Steps<LogState> {
    const { header, machine } = decodeState(bytes);
    if (header.version > knows) throw tooNew(header.version, knows);
    return new LogState(knows, header, yield* TaskMachine.restoring(machine));
  }

  /** A snapshot in steps: of the state as it is at the first of them, whatever is folded before the last. */
  *snapshot(): Steps<StateSnapshot> {
    const header = this.#header();
    const { parts, packs } = yield* this.machine.freezing();
    const bytes = yield* joined([encodeHeader(header, lengthOf(parts)), ...parts]);
    return { position: header.position, time: header.time, bytes, packs };
  }

  #header(): StateHeader {
    const writers = Array.from(this.writers, ([id, { request, at, knows }]) => [id, request, at, knows] as const);
    return {
      position: this.#position,
      time: this.#time,
      version: this.#version,
      digest: this.#digests.last,
      writers: writers.sort(([a], [b]) => (a < b ? -1 : 1)),
      marks: this.marks.marks.map(({ position, bytes, at }) => [position, bytes, at] as const),
      grown: this.marks.grown,
      trimmable: this.marks.trimmable,
      pointers: [...this.#pointers],
    };
  }

  /** Of the last entry folded. */
  get position(): number {
    return this.#position;
  }

  /** The log's time, epoch ms; never falls. */
  get time(): number {
    return this.#time;
  }

  /** The fold version in force. */
  get version(): number {
    return this.#version;
  }

  get digest(): number {
    return this.#digests.last;
  }

  /**
   * Applies the entry of the next position, `null` for one that cannot be read: it counts for nothing, on every replica.
   * Depends on nothing but the state and the entry.
   * @throws OmniQError `STORE_VERSION` where folding on takes newer code, `STORE_CORRUPT` where the entry's writer had
   *   come to another state than this replica: both leave the state as it was
   */
  fold(entry: Entry | null, { bytes, time, pointer, isOurs }: Arrival): Folded {
    if (entry !== null) {
      const version = Math.max(this.#version, this.#activated(entry));
      if (version > this.knows) throw tooNew(version, this.knows);
      this.#digests.compare(entry);
      this.#version = version;
    }
    this.#time = Math.max(this.#time, time ?? entry?.at ?? 0);
    this.#position += 1;
    if (pointer !== null) this.#pointers.push([this.#position, pointer]);
    const snapshotDue = this.marks.grow(bytes.length);
    const result =
      entry === null ? refusal('STORE_CORRUPT', 'The entry cannot be read.') : this.#apply(entry, time, isOurs);
    const { tasks, waiting, running } = this.machine.size;
    this.#digests.add(this.#position, crc32(bytes, this.digest) ^ (tasks * 31 + waiting * 17 + running));
    return { result, snapshotDue, forgotten: this.#forgetPointers() };
  }

  #forgetPointers(): readonly string[] {
    const before = this.marks.trimmable;
    if ((this.#pointers[0]?.[0] ?? before) >= before) return none;
    const old = this.#pointers.filter(([position]) => position < before);
    this.#pointers = this.#pointers.filter(([position]) => position >= before);
    return old.map(([, key]) => key);
  }

  #apply(entry: Entry, time: number | null, isOurs: boolean): Folded['result'] {
    const { writer, request, at, knows, mark } = entry;
    const known = this.writers.get(writer);
    if (known !== undefined && request <= known.request) return 'repeated';
    if (at < this.#time - ADMISSION_MS) return refusal('TOO_LATE', 'It reached the log later than it may.');
    if (known === undefined) this.#forgetWriters();
    this.writers.set(writer, { request, at: this.#time, knows });
    if (mark !== null) this.marks.add({ position: mark[0], bytes: mark[1], at: this.#time }, mark[2]);
    return entry.commands.map((command) => this.machine.apply(command, time, isOurs));
  }

  /** A newer version comes into force once everyone who may still write knows it. */
  #activated({ activate, knows }: Entry): number {
    if (activate === 0 || knows < activate) return 0;
    const since = this.#time - ADMISSION_MS;
    for (const writer of this.writers.values()) if (writer.at >= since && writer.knows < activate) return 0;
    return activate;
  }

  /** Those long silent: what they wrote and is still under way comes too late anyway. */
  #forgetWriters(): void {
    const before = this.#time - 2 * ADMISSION_MS;
    for (const [id, { at }] of this.writers) if (at < before) this.writers.delete(id);
  }
}

const beginning: StateHeader = {
  position: 0,
  time: 0,
  version: 1,
  digest: 0,
  writers: [],
  marks: [],
  grown: 0,
  trimmable: 0,
  pointers: [],
};

const none: readonly string[] = [];

function refusal(code: OmniQErrorCode, message: string): Refusal {
  return { code, message, details: {} };
}

function tooNew(version: number, knows: number): OmniQError {
  return new OmniQError('STORE_VERSION', `The log is folded by version ${version}, this process knows ${knows}.`, {
    hint: 'Upgrade it.',
    version,
  });
}
