import { isTerminal, type TerminalState } from '../model/state.ts';
import { cancel } from '../model/transition.ts';
import type { Edge, TaskStore } from '../storage/task-store.ts';
import type { Committer, EndedParent, Intent } from './committer.ts';
import type { StoreClock } from './store-clock.ts';

const PAGE = 200;
/** One sweep looks at so many pages at most. */
const MAX_PAGES = 25;
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
   * Resolves the edges whose parent has ended, page by page, going on the next time where it left off. Starts from the
   * children, never from a mark on the parent: no crash can have lost it.
   */
  async sweep(): Promise<void> {
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { items, next } = await this.#store.edges({
        limit: PAGE,
        ...(this.#cursor === undefined ? {} : { after: this.#cursor }),
      });
      await this.#resolve(
        items.flatMap((edge): Resolution[] =>
          isTerminal(edge.parentState) ? [{ edge, state: edge.parentState }] : [],
        ),
      );
      this.#cursor = next;
      if (next === undefined) return;
    }
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
    const due = resolutions.filter(({ edge, state }) => state === 'completed' || edge.policy !== 'hold');
    if (due.length === 0) return;
    const rows = await this.#store.get(due.map(({ edge }) => edge.child));
    const now = this.#clock.now();
    const intents = due.flatMap(({ edge, state }, index): Intent[] => {
      const task = rows[index];
      if (task === undefined) return [];
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
