import { isTerminal, type TerminalState } from '../model/state.ts';
import { cancel } from '../model/transition.ts';
import type { Edge, TaskStore } from '../storage/task-store.ts';
import type { Committer, EndedParent, Intent } from './committer.ts';
import type { StoreClock } from './store-clock.ts';

const PAGE = 200;
/** Edges that are resolved in one write. */
const BATCH = 500;

interface Resolution {
  readonly edge: Edge;
  readonly state: TerminalState;
}

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

  /**
   * Resolves the edges of parents that ended, as many as fit in one write; children that are cancelled release their own
   * children in turn.
   */
  async release(parents: readonly EndedParent[]): Promise<void> {
    let gathered: Resolution[] = [];
    for (const { id, state } of parents) {
      for await (const edge of this.#edgesOf(id)) {
        gathered.push({ edge, state });
        if (gathered.length < BATCH) continue;
        await this.#resolve(gathered);
        gathered = [];
      }
    }
    await this.#resolve(gathered);
  }

  /** Releases the edges of those parents that have ended already. */
  async releaseEnded(parents: readonly string[]): Promise<void> {
    const rows = await this.#store.get(parents);
    await this.release(
      rows.flatMap((row) => (row !== undefined && isTerminal(row.state) ? [{ id: row.id, state: row.state }] : [])),
    );
  }

  /**
   * Looks at one page of unresolved edges, going on where it left off, and resolves those whose parent has ended. Starts
   * from the children, never from a mark on the parent: no crash can have lost it.
   */
  async sweep(): Promise<number> {
    const page = await this.#store.edges({
      limit: PAGE,
      ...(this.#cursor === undefined ? {} : { after: this.#cursor }),
    });
    this.#cursor = page.next;
    const due = page.items.flatMap((edge): Resolution[] =>
      edge.policy !== 'hold' && isTerminal(edge.parentState) ? [{ edge, state: edge.parentState }] : [],
    );
    await this.#resolve(due);
    return due.length;
  }

  async *#edgesOf(parent: string): AsyncGenerator<Edge> {
    let after: string | undefined;
    do {
      const page = await this.#store.edges({ parent, limit: PAGE, ...(after === undefined ? {} : { after }) });
      yield* page.items;
      after = page.next;
    } while (after !== undefined);
  }

  async #resolve(resolutions: readonly Resolution[]): Promise<void> {
    if (resolutions.length === 0) return;
    const rows = await this.#store.get(resolutions.map(({ edge }) => edge.child));
    const now = this.#clock.now();
    const intents = resolutions.flatMap(({ edge, state }, index): Intent[] => {
      const task = rows[index];
      if (task === undefined || (state !== 'completed' && edge.policy === 'hold')) return [];
      const { child, parent, policy } = edge;
      const taken: Intent = { change: { id: child, guard: { edge: parent }, set: {} }, event: null, task };
      if (state === 'completed' || policy === 'run') return [taken];
      const { set, event } = cancel(now, 'parent_failed');
      // Before the edge goes: a child that loses its last edge first would be claimable for a moment.
      return [{ change: { id: child, guard: { states: ['blocked'] }, set }, event, task, data: { parent } }, taken];
    });
    await this.#committer().commit(intents);
  }
}
