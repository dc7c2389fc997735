import type { Backend, ClaimedTask, TaskStore } from '@omniq/core/storage';
import { newSession } from '../storage/rows.ts';
import { Book } from './book.ts';
import { sessions } from './spaces.ts';

/** Greater than any lease that a store gives out, and within exact integers. */
export const STRANGE: number = Number.MAX_SAFE_INTEGER - 1;

/** How a side is reached: the clients of one backend, and what puts a failure between them and the store. */
export interface Way {
  /** One for each client; a session belongs to one of them. */
  readonly clients: readonly Backend[];
  /** Makes the next call of a store fail as if the network had; a retry gets through. */
  fail?(how: Fault): void;
  close(): Promise<void>;
}

/** Before the store did it, or after, so that only the reply is lost. */
export type Fault = 'before' | 'after';

/** One of the two backends that are compared, and what it gave out so far. */
export class Side {
  readonly name: string;
  readonly way: Way;
  readonly leases: Book<number> = new Book('lease', 'unique');
  readonly revisions: Book<number> = new Book('revision');
  readonly tags: Book<string> = new Book('tag');
  readonly beats: Book<number> = new Book('beats');
  /** What the last claim of each lane leased. */
  readonly claimed: Map<string, readonly Pick<ClaimedTask, 'id' | 'lease'>[]> = new Map();

  constructor(name: string, way: Way) {
    this.name = name;
    this.way = way;
  }

  /** Opens the sessions that are there from the beginning. */
  async begin(now: number): Promise<this> {
    for (const id of sessions.slice(0, -1)) await this.tasks().open(newSession(id), now);
    return this;
  }

  /** The client that a session belongs to, or one by its number. */
  client(of: string | number = 0): Backend {
    const { clients } = this.way;
    const index = typeof of === 'number' ? of : Math.max(0, sessions.indexOf(of));
    return clients[index % clients.length] as Backend;
  }

  tasks(of?: string | number): TaskStore {
    return this.client(of).tasks as TaskStore;
  }

  async beatsOf(session: string): Promise<number | undefined> {
    const row = (await this.tasks().sessions()).find(({ id }) => id === session);
    if (row !== undefined) this.beats.learn(session, row.beats);
    return row?.beats;
  }

  close(): Promise<void> {
    return this.way.close();
  }
}
