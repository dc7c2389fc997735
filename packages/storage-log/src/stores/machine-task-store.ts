import type {
  BeatReply,
  Capabilities,
  Change,
  ChangeOutcome,
  ClaimedTask,
  ClaimRequest,
  EdgePage,
  EdgeQuery,
  HistoryRecord,
  InsertOutcome,
  NewSession,
  NewTask,
  QueueRow,
  QueueSettings,
  SessionRow,
  SwapOutcome,
  TaskCount,
  TaskPage,
  TaskQuery,
  TaskRow,
  TaskStore,
} from '@omniq/core/storage';
import { OmniQError } from '@omniq/core/storage';
import type { HeldRow } from '../machine/command.ts';
import { carry } from './carry.ts';
import { ask, type Port } from './port.ts';

const rowBytes: readonly (keyof HeldRow)[] = ['body', 'spec', 'error', 'progress'];

/** The verbs of the contract over a task machine, wherever it stands. */
export class MachineTaskStore implements TaskStore {
  readonly capabilities: Capabilities;
  readonly #port: Port;
  readonly #unwatch = new Set<() => void>();
  /** By session and lane, the last request that found nothing: made again, it finds nothing again, as do older ones. */
  readonly #fruitless = new Map<string, Map<number, number>>();
  readonly time?: () => Promise<number>;

  constructor(port: Port, capabilities: Capabilities, time?: () => Promise<number>) {
    this.#port = port;
    this.capabilities = capabilities;
    if (time !== undefined) this.time = time;
  }

  async insert(rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    return ask(this.#port, { verb: 'insert', rows, now });
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    if (!(await this.#isWorthAsking(request))) return [];
    const claimed = await ask(this.#port, { verb: 'claim', request });
    return carry(this.#port, claimed, ['body', 'spec']);
  }

  async update(changes: readonly Change[], now: number): Promise<readonly ChangeOutcome[]> {
    return ask(this.#port, { verb: 'update', changes, now });
  }

  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome> {
    if (this.#isFruitless(request)) {
      const outlook = (await this.#port.fresh()).outlook(request);
      if (typeof outlook === 'object') throw new OmniQError(outlook.code, outlook.message, outlook.details);
      return { outcomes: await this.update(changes, request.now), claimed: [] };
    }
    const { outcomes, claimed } = await ask(this.#port, { verb: 'swap', changes, request });
    return { outcomes, claimed: await carry(this.#port, claimed, ['body', 'spec']) };
  }

  async get(ids: readonly string[]): Promise<readonly (TaskRow | undefined)[]> {
    const machine = await this.#port.fresh();
    const rows = ids.map((id) => machine.row(id));
    const whole = await carry(
      this.#port,
      rows.filter((row) => row !== undefined),
      rowBytes,
    );
    let next = 0;
    return rows.map((row) => (row === undefined ? undefined : whole[next++]));
  }

  async list(query: TaskQuery): Promise<TaskPage> {
    const machine = await this.#port.fresh();
    const page = machine.list(query);
    return { ...page, items: await carry(this.#port, page.items, rowBytes) };
  }

  async count(now: number): Promise<readonly TaskCount[]> {
    const machine = await this.#port.fresh();
    return machine.count(now);
  }

  async remove(ids: readonly string[], rememberUntil: number): Promise<number> {
    return ask(this.#port, { verb: 'remove', ids, rememberUntil });
  }

  async edges(query: EdgeQuery): Promise<EdgePage> {
    const machine = await this.#port.fresh();
    return machine.edges(query);
  }

  async history(id: string): Promise<readonly HistoryRecord[]> {
    const machine = await this.#port.fresh();
    return carry(this.#port, machine.history(id), ['record']);
  }

  async open(session: NewSession, now: number): Promise<void> {
    const { id, host, pid, processStart } = session;
    await ask(this.#port, { verb: 'open', session: { id, host, pid, processStart }, now });
  }

  async beat(session: string, now: number): Promise<BeatReply> {
    return ask(this.#port, { verb: 'beat', session, now });
  }

  async sessions(): Promise<readonly SessionRow[]> {
    const machine = await this.#port.fresh();
    return machine.sessions();
  }

  async end(session: string, beats?: number): Promise<boolean> {
    const ended = await ask(
      this.#port,
      beats === undefined ? { verb: 'end', session } : { verb: 'end', session, beats },
    );
    if (ended) this.#fruitless.delete(session);
    return ended;
  }

  async queues(): Promise<readonly QueueRow[]> {
    const machine = await this.#port.fresh();
    return machine.queues();
  }

  async configure(queue: string, settings: Partial<QueueSettings>): Promise<void> {
    await ask(this.#port, { verb: 'configure', queue, settings });
  }

  async nextDue(queues: readonly string[], now: number): Promise<number | null> {
    const machine = await this.#port.fresh();
    return machine.nextDue(queues, now);
  }

  watch(wake: () => void): () => void {
    const stop = this.#port.watch(wake);
    this.#unwatch.add(stop);
    return () => {
      this.#unwatch.delete(stop);
      stop();
    };
  }

  async close(): Promise<void> {
    for (const stop of this.#unwatch) stop();
    this.#unwatch.clear();
    await this.#port.close();
  }

  /** A claim that would find nothing is not made: it would be a write for nothing. */
  async #isWorthAsking(request: ClaimRequest): Promise<boolean> {
    let outlook = this.#port.machine.outlook(request);
    // What is known here may be behind.
    if (outlook === 0 || typeof outlook === 'object') outlook = (await this.#port.fresh()).outlook(request);
    if (typeof outlook === 'object') throw new OmniQError(outlook.code, outlook.message, outlook.details);
    if (this.#isFruitless(request)) return false;
    if (outlook === 'repeat') return true;
    if (outlook > 0 && (await this.#port.mayClaim(request, outlook))) return true;
    const lanes = this.#fruitless.get(request.session) ?? new Map<number, number>();
    this.#fruitless.set(request.session, lanes.set(request.lane, request.request));
    return false;
  }

  #isFruitless({ session, lane, request }: ClaimRequest): boolean {
    const last = this.#fruitless.get(session)?.get(lane);
    return last !== undefined && request <= last;
  }
}
