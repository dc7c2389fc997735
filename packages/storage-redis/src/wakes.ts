import type { Client } from './connection.ts';

/**
 * Hears of changes on a connection of its own, which is there only while somebody listens. Wakes its listeners also
 * whenever the connection has come (back), as nobody knows what was missed.
 */
export class Wakes {
  readonly #connect: () => Client;
  readonly #channel: string;
  readonly #listeners = new Set<() => void>();
  #client: Client | undefined;
  #closed = false;

  constructor(connect: () => Client, channel: string) {
    this.#connect = connect;
    this.#channel = channel;
  }

  listen(wake: () => void): () => void {
    // Of one function twice each listening ends by itself.
    const listener = (): void => wake();
    this.#listeners.add(listener);
    if (this.#client === undefined && !this.#closed) this.#subscribe();
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#disconnect();
    };
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#disconnect();
  }

  #subscribe(): void {
    const client = this.#connect();
    this.#client = client;
    const wakeAll = (): void => {
      if (this.#client === client) for (const listener of this.#listeners) listener();
    };
    client.on('message', wakeAll);
    // The subscription of a reconnect may take a moment more; its answer follows this command's.
    client.on('ready', () => void client.subscribe(this.#channel).then(wakeAll, ignored));
    client.connect().catch(ignored);
  }

  #disconnect(): void {
    this.#client?.disconnect();
    this.#client = undefined;
  }
}

/** The client tries again for ever; meanwhile the core polls. */
function ignored(): void {}
