/** The state of every task that a store holds in the end, by id. */
export type Snapshot = ReadonlyMap<string, string>;

interface Listed {
  readonly items: readonly { readonly id: string; readonly state: string }[];
  readonly next?: string;
}

/** Lists all tasks of a store, or of `omniq.tasks`. Only of something at rest: a page does not see what moves meanwhile. */
export async function snapshotOf(tasks: {
  list(query: { limit: number; after?: string }): Promise<Listed>;
}): Promise<Snapshot> {
  const states = new Map<string, string>();
  let after: string | undefined;
  do {
    const page: Listed = await tasks.list({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    for (const { id, state } of page.items) states.set(id, state);
    after = page.next;
  } while (after !== undefined);
  return states;
}
