import type { Ambient, RecordStore } from '@omniq/core/storage';
import type { SharedLog } from '../shared-log.ts';
import { ADMISSION_MS } from './log-state.ts';
import { inTurns } from './in-turns.ts';
import type { Packs } from './packs.ts';
import type { Proposer } from './proposer.ts';
import type { Replica } from './replica.ts';

export interface SnapshotsOptions {
  readonly log: SharedLog;
  readonly records: RecordStore;
  readonly replica: Replica;
  readonly proposer: Proposer;
  readonly packs: Packs;
  readonly ambient: Ambient;
}

/**
 * Lets a snapshot stand for the beginning of the log, tells the log of it, and clears away what nobody needs any more.
 * Each step may be the last one that this process makes: the next snapshot makes up for it.
 */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  #taking: Promise<void> | null = null;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /** Takes one as of now, unless one is being taken. */
  take(): Promise<void> {
    this.#taking ??= this.#take().finally(() => (this.#taking = null));
    return this.#taking;
  }

  async #take(): Promise<void> {
    const { log, records, replica, proposer, packs, ambient } = this.#options;
    await ambient.timers.turn();
    const { state } = replica;
    const { position, time, bytes, packs: named } = await inTurns(state.snapshot(), ambient.timers);
    await log.saveSnapshot(position, bytes);
    const { forgotten } = await proposer.tell({ mark: [position, bytes.length, log.capabilities.keepMs] });
    await log.trim(state.marks.trimmable);
    await Promise.all(forgotten.map((key) => records.delete(key)));
    // An entry that names a pack is void once it is older than the admission time; twice that, as clocks differ. By the
    // time of the snapshot: what was folded after it may name packs that it does not know of.
    await packs.sweep(time - 2 * ADMISSION_MS, (key) => named.has(key));
  }
}
