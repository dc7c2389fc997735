import { isOmniQError, OmniQError } from '@omniq/core/storage';
import type { Cluster, Redis } from 'ioredis';
import { isCluster } from './connect.ts';
import { failureOf } from './failure.ts';
import type { KeyName, Script } from './lua/script.ts';
import { whenReady } from './when-ready.ts';

export type Client = Redis | Cluster;

type Value = string | number | Buffer;

/** How the keys of a namespace are laid out. A release that reads older layouts counts it up. */
const LAYOUT = 1;

/** The connection to one namespace, shared by its stores. Commands are sent once: what failed is told, not repeated. */
export class Connection {
  readonly #client: Client;
  readonly #prefix: string;
  readonly #keys = new Map<Script, readonly string[]>();
  #closed = false;
  #isAdmitted = false;
  #admission: Promise<void> | undefined;
  /** Why there is no connection: the command that fails of it is only told that there is none. */
  #trouble: unknown;

  constructor(client: Client, namespace: string) {
    this.#client = client;
    this.#prefix = `{${namespace}}:`;
    client.on('error', (error: unknown) => (this.#trouble = error));
    client.on('ready', () => (this.#trouble = undefined));
  }

  get client(): Client {
    return this.#client;
  }

  /** What its keys and channels begin with. */
  get prefix(): string {
    return this.#prefix;
  }

  key(name: KeyName): string {
    return this.#prefix + name;
  }

  /** Runs a script, and teaches it to a server that does not know it (any more): then it has not run. */
  async run<Reply>(script: Script, ...values: readonly Value[]): Promise<Reply> {
    const keys = this.#keysOf(script);
    return this.#call(script.name, async () => {
      try {
        return (await this.#client.callBuffer('evalsha', script.sha, keys.length, ...keys, ...values)) as Reply;
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return (await this.#client.callBuffer('eval', script.lua, keys.length, ...keys, ...values)) as Reply;
      }
    });
  }

  /** A command that needs no script. */
  async ask<Reply>(verb: string, command: (client: Client) => Promise<Reply>): Promise<Reply> {
    return this.#call(verb, () => command(this.#client));
  }

  close(): void {
    this.#closed = true;
    this.#client.disconnect();
  }

  async #call<Reply>(verb: string, call: () => Promise<Reply>): Promise<Reply> {
    if (this.#closed) throw closed(verb);
    try {
      if (isCluster(this.#client)) await whenReady(this.#client);
      if (!this.#isAdmitted) await (this.#admission ??= this.#admit().finally(() => (this.#admission = undefined)));
      return await call();
    } catch (error) {
      if (this.#closed) throw closed(verb);
      if (isOmniQError(error)) throw error;
      const isTold =
        error instanceof Error && error.name === 'MaxRetriesPerRequestError' && this.#trouble !== undefined;
      throw failureOf(isTold ? this.#trouble : error, verb);
    }
  }

  /** Before the first call: what a newer version laid out otherwise is left alone. */
  async #admit(): Promise<void> {
    const key = this.key('counters');
    const layout = await this.#client.hget(key, 'layout');
    if (Number(layout) > LAYOUT) throw tooNew(this.#prefix, Number(layout));
    // A server whose memory is full may still be asked for what it has.
    if (layout === null) await this.#client.hsetnx(key, 'layout', LAYOUT).catch(() => {});
    this.#isAdmitted = true;
  }

  #keysOf(script: Script): readonly string[] {
    const known = this.#keys.get(script);
    if (known !== undefined) return known;
    const keys = script.keys.map((name) => this.key(name));
    this.#keys.set(script, keys);
    return keys;
  }
}

function closed(verb: string): OmniQError {
  return new OmniQError('STORE_CLOSED', 'The Redis store was closed.', { backend: 'redis', verb });
}

function tooNew(prefix: string, layout: number): OmniQError {
  return new OmniQError('STORE_VERSION', `The keys ${prefix}* have layout ${layout}, this version knows ${LAYOUT}.`, {
    hint: 'Upgrade @omniq/storage-redis in this process.',
    backend: 'redis',
    layout,
  });
}
