import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Link } from './link.ts';

/** Stands between the clients and a server of this machine, and does to their connections what networks do. */
export class FaultProxy {
  readonly #links = new Set<Link>();
  readonly #door: Server;
  readonly #target: number;
  readonly #random: () => number;
  #delayMs = 0;

  private constructor(target: number, random: () => number) {
    this.#target = target;
    this.#random = random;
    this.#door = createServer({ allowHalfOpen: true }, (client) => this.#admit(client));
  }

  /** Before the server at a port; `random` decides which connections are struck. */
  static async open(target: number, random: () => number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, random);
    proxy.#door.listen(0, '127.0.0.1');
    await once(proxy.#door, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#door.address() as AddressInfo).port;
  }

  /** Connections that can still be struck. */
  get links(): number {
    return [...this.#links].filter(({ isOpen }) => isOpen).length;
  }

  /** All that passes arrives so much later, in its order. 0 ends that. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Up to so many connections end at once, for both sides. */
  reset(count: number): void {
    for (const link of this.#choose(count)) link.reset();
  }

  /** Up to so many connections let nothing through any more, and neither side is told, until {@link heal}. */
  silence(count: number): void {
    for (const link of this.#choose(count)) link.silence();
  }

  /** On up to so many connections the next request reaches the server, and is answered by the connection's end. */
  cutReplies(count: number): void {
    for (const link of this.#choose(count)) link.cutReply();
  }

  /** Ends what is silent, every delay, and what was still to strike: from now on all are served. */
  heal(): void {
    this.#delayMs = 0;
    for (const link of this.#links) {
      // The client of a silent one may have gone without a word being passed on.
      if (link.isSilent) this.#links.delete(link);
      link.heal();
    }
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.reset();
    this.#door.close();
    await once(this.#door, 'close');
  }

  #admit(client: Socket): void {
    const server = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    const link = new Link(client, server, () => this.#delayMs);
    this.#links.add(link);
    client.once('close', () => {
      if (!link.isSilent) this.#links.delete(link);
    });
  }

  #choose(count: number): Link[] {
    const open = [...this.#links].filter(({ isOpen }) => isOpen);
    const chosen: Link[] = [];
    while (chosen.length < count && open.length > 0)
      chosen.push(...open.splice(Math.floor(this.#random() * open.length), 1));
    return chosen;
  }
}
