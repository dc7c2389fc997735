import type { Socket } from 'node:net';

/** One connection through the proxy: what passes it, and what is done to it. */
export class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #delayMs: () => number;
  #state: 'open' | 'silent' | 'cut at next reply' | 'cut now' = 'open';

  constructor(client: Socket, server: Socket, delayMs: () => number) {
    this.#client = client;
    this.#server = server;
    this.#delayMs = delayMs;
    this.#pass(client, server, () => this.#requested());
    this.#pass(server, client, () => this.#replied());
  }

  get isOpen(): boolean {
    return this.#state === 'open' && !this.#client.destroyed;
  }

  get isSilent(): boolean {
    return this.#state === 'silent';
  }

  /** Both sides are told at once that it is over. */
  reset(): void {
    abort(this.#client);
    abort(this.#server);
  }

  /** From now on nothing passes, and nobody is told. */
  silence(): void {
    this.#state = 'silent';
  }

  /** The next request reaches the server; its reply does not come back. */
  cutReply(): void {
    this.#state = 'cut at next reply';
  }

  /** Takes back what was to come. What was silent ends now: its bytes are gone. */
  heal(): void {
    if (this.isSilent) this.reset();
    else this.#state = 'open';
  }

  #requested(): void {
    if (this.#state === 'cut at next reply') this.#state = 'cut now';
  }

  #replied(): void {
    if (this.#state === 'cut now') this.reset();
  }

  #pass(from: Socket, to: Socket, seen: () => void): void {
    const line: { readonly at: number; readonly send: () => void }[] = [];
    // In order, though the delay may change meanwhile: each waits for those before it.
    const inTurn = (send: () => void): void => {
      const delay = this.#delayMs();
      if (line.length === 0 && delay === 0) return send();
      line.push({ at: performance.now() + delay, send });
      if (line.length === 1) setTimeout(next, delay);
    };
    const next = (): void => {
      line.shift()?.send();
      if (line[0] !== undefined) setTimeout(next, Math.max(0, line[0].at - performance.now()));
    };
    from.on('data', (bytes) => {
      seen();
      if (this.isSilent || to.destroyed) return;
      inTurn(() => {
        if (!this.isSilent && to.writable && !to.write(bytes)) from.pause();
      });
    });
    to.on('drain', () => from.resume());
    from.on('end', () => inTurn(() => this.isSilent || to.end()));
    from.on('error', () => this.isSilent || abort(to));
    from.on('close', () => inTurn(() => this.isSilent || to.destroy()));
  }
}

/** Node never closes a handle that is reset while its shutdown is under way, and the process then spins at its exit. */
function abort(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
