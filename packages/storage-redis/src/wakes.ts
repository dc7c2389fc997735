import { randomUUID } from 'node:crypto';
import type { Awaited } from '@omniq/core/storage';
import type { Client } from './connection.ts';

/**
 * Hears of changes on a connection of its own, which is there only while somebody listens. Wakes its listeners also
 * whenever the connection has come (back), as nobody knows what was missed.
 */
export class Wakes {
  readonly #connect: () => Client;
  readonly #channels: Readonly<Record<Awaited, string>>;
  readonly #process = randomUUID();
  readonly #listeners = { claimable: new Set<() => void>(), ended: new Set<() => void>() };
  #client: Client | undefined;
  #isHearing = false;
  #closed = false;

  constructor(connect: () => Client, prefix: string) {
    this.#connect = connect;
    this.#channels = { claimable: `${prefix}wake:${this.#process}`, ended: `${prefix}ended` };
  }

  /** Whom to wake when there is a task; '' where nobody would hear it. */
  get idle(): string {
    return this.#isHearing && this.#listeners.claimable.size > 0 ? this.#process : '';
  }

  listen(wake: () => void, awaited: Awaited): () => void {
    // Of one function twice each listening ends by itself.
    const listener = (): void => wake();
    const listeners = this.#listeners[awaited];
    listeners.add(listener);
    if (!this.#closed && this.#client === undefined) this.#open();
    else if (listeners.size === 1) this.#subscribe([awaited]);
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      if (this.#awaited().length === 0) this.#disconnect();
      else this.#client?.unsubscribe(this.#channels[awaited]).catch(ignored);
    };
  }

  close(): void {
    this.#closed = true;
    for (const kind of kinds) this.#listeners[kind].clear();
    this.#disconnect();
  }

  #open(): void {
    const client = this.#connect();
    this.#client = client;
    client.on('message', (channel: string) => this.#wake(kinds.filter((kind) => this.#channels[kind] === channel)));
    client.on('close', () => (this.#isHearing = false));
    client.on('ready', () => this.#subscribe(this.#awaited()));
    client.connect().catch(ignored);
  }

  /** The answer may take a moment: what came before it is looked for then. */
  #subscribe(awaited: readonly Awaited[]): void {
    const client = this.#client;
    if (client?.status !== 'ready' || awaited.length === 0) return;
    const heard = (): void => {
      if (this.#client !== client) return;
      this.#isHearing = true;
      this.#wake(awaited);
    };
    client.subscribe(...awaited.map((kind) => this.#channels[kind])).then(heard, ignored);
  }

  #awaited(): readonly Awaited[] {
    return kinds.filter((kind) => this.#listeners[kind].size > 0);
  }

  #wake(awaited: readonly Awaited[]): void {
    for (const kind of awaited) for (const listener of this.#listeners[kind]) listener();
  }

  #disconnect(): void {
    this.#isHearing = false;
    this.#client?.disconnect();
    this.#client = undefined;
  }
}

const kinds = ['claimable', 'ended'] as const;

/** The client tries again for ever; meanwhile the core polls. */
function ignored(): void {}
