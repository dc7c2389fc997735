import { isTerminal, type TerminalState } from '../model/state.ts';
import { cancel } from '../model/transition.ts';
import type { Edge, TaskStore } from '../storage/task-store.ts';
import type { Committer, Intent } from './committer.ts';
import type { StoreClock } from './store-clock.ts';

const PAGE = 200;

/**
 * Lets go of the tasks that wait for others. A parent's end and its children's release are two steps; the second is
 * idempotent per edge and swept, so a crash between them leaves no child blocked.
 */
export class Dependencies {
  readonly #store: TaskStore;
  readonly #clock: StoreClock;
  readonly #committer: () => Committer;
  #cursor: string | undefined;

  constructor(store: TaskStore, clock: StoreClock, committer: () => Committer) {
    this.#store = store;
    this.#clock = clock;
    this.#committer = committer;
  }

  /** Resolves the edges of a parent that ended; children that are cancelled release their own children in turn. */
  async release(parent: string, state: TerminalState): Promise<void> {
    let after: string | undefined;
    do {
      const page = await this.#store.edges({ parent, limit: PAGE, ...(after === undefined ? {} : { after }) });
      await this.#resolve(page.items, state);
      after = page.next;
    } while (after !== undefined);
  }

  /** Releases the edges of those parents that have ended already. */
  async releaseEnded(parents: readonly string[]): Promise<void> {
    const rows = await this.#store.get(parents);
    for (const row of rows) if (row !== undefined && isTerminal(row.state)) await this.release(row.id, row.state);
  }

  /**
   * Looks at one page of unresolved edges, going on where it left off, and resolves those whose parent has ended. Starts
   * from the children, never from a mark on the parent: no crash can have lost it.
   */
  async sweep(): Promise<number> {
    const page = await this.#store.edges({ limit: PAGE, ...(this.#cursor === undefined ? {} : { after: this.#cursor }) });
    this.#cursor = page.next;
    let resolved = 0;
    for (const edge of page.items) {
      if (edge.policy === 'hold' || !isTerminal(edge.parentState)) continue;
      await this.#resolve([edge], edge.parentState);
      resolved += 1;
    }
    return resolved;
  }

  async #resolve(edges: readonly Edge[], state: TerminalState): Promise<void> {
    const rows = await this.#store.get(edges.map(({ child }) => child));
    const intents: Intent[] = [];
    for (const [index, { child, parent, policy }] of edges.entries()) {
      const task = rows[index];
      if (task === undefined || (state !== 'completed' && policy === 'hold')) continue;
      if (state !== 'completed' && policy === 'cancel') {
        const { set, event } = cancel(this.#clock.now(), 'parent_failed');
        // Before the edge goes: a child that loses its last edge first would be claimable for a moment.
        intents.push({ change: { id: child, guard: { states: ['blocked'] }, set }, event, task, data: { parent } });
      }
      intents.push({ change: { id: child, guard: { edge: parent }, set: {} }, event: null, task });
    }
    await this.#committer().commit(intents);
  }
}
