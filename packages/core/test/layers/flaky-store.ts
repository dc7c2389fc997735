import { OmniQError, type OmniQErrorCode } from '../../src/errors.ts';
import type { TaskRow } from '../../src/storage/task-row.ts';
import type { Change, ChangeOutcome, ClaimRequest, SwapOutcome, TaskStore } from '../../src/storage/task-store.ts';
import { allCapabilities } from './rows.ts';

/** How a call goes wrong: its request is lost, or it is applied and its reply is. */
export type Fault = 'request lost' | 'reply lost';

/**
 * A few rows under guarded changes, and a wire that loses what it is told to lose. Only the verbs that changes need:
 * the others are absent, as optional verbs are.
 */
export class FlakyStore {
  readonly capabilities: TaskStore['capabilities'] = allCapabilities;
  readonly rows = new Map<string, TaskRow>();
  readonly calls: string[] = [];
  readonly faults: { readonly verb: string; readonly fault: Fault; readonly code: OmniQErrorCode }[] = [];

  constructor(...rows: readonly TaskRow[]) {
    for (const row of rows) this.rows.set(row.id, row);
  }

  lose(verb: string, fault: Fault, times = 1, code: OmniQErrorCode = 'STORE_UNREACHABLE'): this {
    for (let time = 0; time < times; time++) this.faults.push({ verb, fault, code });
    return this;
  }

  /** What a layer takes. */
  get asTaskStore(): TaskStore {
    return this as unknown as TaskStore;
  }

  update(changes: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    return this.#send('update', () => changes.map((change) => this.#apply(change)));
  }

  swap(changes: readonly Change[], _request: ClaimRequest): Promise<SwapOutcome> {
    return this.#send('swap', () => ({ outcomes: changes.map((change) => this.#apply(change)), claimed: [] }));
  }

  get(ids: readonly string[]): Promise<readonly (TaskRow | undefined)[]> {
    return this.#send('get', () => ids.map((id) => this.rows.get(id)));
  }

  close(): Promise<void> {
    return this.#send('close', () => undefined);
  }

  async #send<T>(verb: string, work: () => T): Promise<T> {
    this.calls.push(verb);
    const index = this.faults.findIndex((fault) => fault.verb === verb);
    if (index < 0) return work();
    const [{ fault, code }] = this.faults.splice(index, 1) as [(typeof this.faults)[number]];
    if (fault === 'reply lost') work();
    throw new OmniQError(code, `The ${fault === 'reply lost' ? 'reply' : 'request'} of ${verb} was lost.`);
  }

  #apply({ id, guard, set }: Change): ChangeOutcome {
    const row = this.rows.get(id);
    if (row === undefined) return { status: 'missing' };
    const holds =
      'lease' in guard
        ? row.state === 'running' && row.lease === guard.lease
        : 'states' in guard
          ? guard.states.includes(row.state)
          : row.waitsFor > 0;
    if (!holds) return { status: 'stale' };
    const released = 'edge' in guard ? { waitsFor: row.waitsFor - 1 } : {};
    this.rows.set(id, { ...row, ...released, ...set });
    return { status: 'applied' };
  }
}
