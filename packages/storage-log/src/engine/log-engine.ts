import { randomUUID } from 'node:crypto';
import { OmniQError, sleep, type Ambient, type ClaimRequest, type RecordStore } from '@omniq/core/storage';
import type { Outcome } from '../machine/command.ts';
import type { TaskMachine } from '../machine/task-machine.ts';
import type { SharedLog } from '../shared-log.ts';
import type { Port } from '../stores/port.ts';
import type { Entry } from '../wire/entry.ts';
import { Bells } from './bells.ts';
import { idleRank } from './idle-rank.ts';
import type { Folded } from './log-state.ts';
import { Packs } from './packs.ts';
import { Proposer } from './proposer.ts';
import { Replica, TRUST_MS } from './replica.ts';
import { Snapshots } from './snapshots.ts';
import { Turns } from './turns.ts';

/** How long an idle worker leaves a task to each of those who come before it. */
const TURN_MS = 5;

export interface LogEngineOptions {
  readonly log: SharedLog;
  /** Where bytes lie that are too large for the log; not closed with the engine. */
  readonly records: RecordStore;
  readonly ambient: Ambient;
  /** The newest fold version to know; the newest there is by default. */
  readonly knows?: number;
}

/** One process's part in a task machine that others share: it follows the log, writes to it, and keeps it short. */
export class LogEngine {
  readonly #options: LogEngineOptions;
  readonly #writer: string = randomUUID();
  readonly #bells = new Bells();
  readonly #packs: Packs;
  readonly #replica: Replica;
  readonly #proposer: Proposer;
  readonly #snapshots: Snapshots;
  readonly #turns: Turns;
  #unwatch: (() => void) | null = null;
  #stopKeeping: (() => void) | null = null;
  #ports = 0;
  #closing: Promise<void> | null = null;

  constructor(options: LogEngineOptions) {
    const { log, records, ambient, knows } = options;
    this.#options = options;
    this.#packs = new Packs(records);
    this.#turns = new Turns(this.#writer, ambient);
    const onFold = (entry: Entry | null, folded: Folded): void => this.#folded(entry, folded);
    this.#replica = new Replica({ writer: this.#writer, log, records, ambient, onFold, knows });
    const shared = { log, records, ambient, replica: this.#replica, packs: this.#packs };
    this.#proposer = new Proposer({
      ...shared,
      writer: this.#writer,
      turns: this.#turns,
      ...(knows === undefined ? {} : { knows }),
    });
    this.#snapshots = new Snapshots({ ...shared, proposer: this.#proposer });
    this.#keepFresh();
  }

  /** A way in for one store; the engine closes with the last of them. */
  port(): Port {
    this.#ports += 1;
    let open = true;
    const check = (): this => {
      if (!open) throw new OmniQError('STORE_CLOSED', 'The store was closed.');
      return this;
    };
    const close = async (): Promise<void> => {
      if (open) this.#ports -= 1;
      open = false;
      if (this.#ports === 0) await this.#close();
    };
    return {
      get machine() {
        return check().#replica.state.machine;
      },
      fresh: async () => check().#fresh(),
      submit: async (command) => check().#submit(command),
      open: async (values) => check().#packs.open(values),
      mayClaim: async (request, found) => check().#mayClaim(request, found),
      watch: (wake) => check().#watch(wake),
      close,
    };
  }

  /** Where the replica stands: the position and digest of its last entry. */
  get standing(): { readonly position: number; readonly digest: number; readonly version: number } {
    const { position, digest, version } = this.#replica.state;
    return { position, digest, version };
  }

  /** Brings a newer fold version into force, once everyone who may still write knows it; returns the one in force. */
  async activate(version: number): Promise<number> {
    await this.#replica.sync();
    await this.#proposer.tell({ activate: version });
    return this.#replica.state.version;
  }

  async #fresh(): Promise<TaskMachine> {
    await this.#replica.sync();
    return this.#replica.state.machine;
  }

  async #submit(command: Parameters<Port['submit']>[0]): Promise<Outcome> {
    // Without having read the log once, an append would have to run through all its numbers.
    if (this.#replica.state.position === 0) await this.#replica.sync();
    return this.#proposer.submit(command);
  }

  /**
   * One task and a hundred idle workers would be ninety-nine writes for nothing: the idle ones stand in a row that
   * changes with each entry, and whoever stands behind as many as there are tasks lets them go first.
   */
  async #mayClaim(request: ClaimRequest, found: number): Promise<boolean> {
    const { machine, position } = this.#replica.state;
    const rank = idleRank(machine.sessions(), request.session, position);
    if (rank < found) return true;
    await sleep(this.#options.ambient.timers, rank * TURN_MS);
    const outlook = (await this.#fresh()).outlook(request);
    return outlook === 'repeat' || (typeof outlook === 'number' && outlook > 0);
  }

  #folded(entry: Entry | null, folded: Folded): void {
    if (entry !== null) this.#turns.saw(entry.writer);
    if (entry?.writer === this.#writer) {
      this.#proposer.folded(entry.request, folded);
      // A snapshot that fails is made up for by the next one.
      if (folded.snapshotDue) this.#snapshots.take().catch(() => {});
    }
    this.#bells.ring();
  }

  #watch(wake: () => void): () => void {
    const stop = this.#bells.add(wake);
    this.#unwatch ??= this.#options.log.watch(() => this.#look());
    return () => {
      stop();
      if (this.#bells.hasListeners) return;
      this.#unwatch?.();
      this.#unwatch = null;
    };
  }

  /** A replica that never looks would have to begin with a snapshot each time. */
  #keepFresh(): void {
    this.#stopKeeping = this.#options.ambient.timers.after(
      TRUST_MS / 4,
      () => {
        if (this.#replica.state.position > 0) this.#look();
        this.#keepFresh();
      },
      'background',
    );
  }

  /** What goes wrong here shows at the next verb. */
  #look(): void {
    this.#replica.sync().catch(() => {});
  }

  #close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    this.#stopKeeping?.();
    this.#unwatch?.();
    await this.#proposer.quiet();
    await this.#options.log.close();
  }
}
