import pg from 'pg';
import { systemAmbient } from '@omniq/core/storage';

const RETRY_MS = { first: 100, most: 30_000 };

/** How the listening connection is made, and what it listens to. */
export interface WakeOptions {
  /** `null`: nobody is told by the server; the poll of the core is the floor. */
  readonly config: pg.ClientConfig | null;
  readonly channel: string;
}

/**
 * Tells listeners that something was committed: here, at once, and by other processes, on a connection of its own that
 * comes back by itself. Whatever was missed while it was away is found by one wake when it is back.
 */
export class Wakes {
  readonly #options: WakeOptions;
  readonly #listeners = new Set<() => void>();
  readonly #notified = new Set<() => void>();
  readonly #ups = new Set<() => void>();
  #client: pg.Client | null = null;
  #cancelRetry: () => void = noop;
  #failures = 0;
  #isListening = false;
  #waking = false;
  #closed = false;

  constructor(options: WakeOptions) {
    this.#options = options;
  }

  /** How many listen here. */
  get size(): number {
    return this.#listeners.size;
  }

  /** Whether the server would tell. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /** Calls before the listeners are, at each notification. */
  onNotified(work: () => void): void {
    this.#notified.add(work);
  }

  /** Calls whenever the server begins to tell. */
  onUp(work: () => void): void {
    this.#ups.add(work);
  }

  listen(wake: () => void): () => void {
    // Wrapped: the same function may listen twice.
    const listener = (): void => wake();
    this.#listeners.add(listener);
    if (this.#client === null) this.#connect();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Not before the caller has its answer: what a listener does is no part of the commit. */
  wake(): void {
    if (this.#waking || this.#listeners.size === 0) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      for (const listener of this.#listeners) listener();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    this.#cancelRetry();
    const client = this.#client;
    this.#client = null;
    this.#isListening = false;
    await client?.end().catch(noop);
  }

  #connect(): void {
    const { config, channel } = this.#options;
    if (config === null || this.#closed) return;
    const client = new pg.Client({ ...config, keepAlive: true });
    this.#client = client;
    client.on('error', noop);
    client.on('end', () => this.#lost(client));
    client.on('notification', () => this.#notify());
    client
      .connect()
      .then(() => client.query(`listen "${channel}"`))
      .then(
        () => this.#up(client),
        () =>
          void client
            .end()
            .then(noop, noop)
            .then(() => this.#lost(client)),
      );
  }

  #up(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#isListening = true;
    this.#failures = 0;
    for (const work of this.#ups) work();
    // What was committed while nobody listened.
    this.wake();
  }

  #notify(): void {
    for (const work of this.#notified) work();
    this.wake();
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client || this.#closed) return;
    this.#client = null;
    this.#isListening = false;
    this.#notify();
    this.#failures += 1;
    const ms = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(this.#failures, 10));
    this.#cancelRetry = systemAmbient.timers.after(
      ms * (0.5 + systemAmbient.random() / 2),
      () => this.#connect(),
      'background',
    );
  }
}

function noop(): void {}
