import { CONTRACT, OmniQError, defineBackend, type Backend, type BackendPlugin } from '@omniq/core/storage';
import { connect, connectLike } from './connect.ts';
import type { Client } from './connection.ts';
import { inspectServer } from './inspect.ts';
import { locate, readSettings, type RedisSettings } from './location.ts';
import { openBackend } from './open.ts';

export type { RedisSettings } from './location.ts';

export interface RedisOptions extends RedisSettings {
  /** `redis://user:password@host:6379/0`, or `rediss:` for TLS. Either this or `client`. */
  readonly url?: string;
  /**
   * A `Redis` or `Cluster` of ioredis. Its address, user and TLS settings are taken over for connections of our own, as
   * these send no command twice; it is itself neither used nor closed.
   */
  readonly client?: Client;
}

/**
 * Opens a namespace on a server or Cluster.
 *
 * @example
 * const backend = await redis({ url: 'redis://localhost:6379', namespace: 'jobs' });
 *
 * @throws OmniQError `INVALID_OPTION`
 */
export async function redis({ url, client, ...settings }: RedisOptions): Promise<Backend> {
  if (client !== undefined && url === undefined) {
    const { namespace, timeoutMs } = readSettings(new Map(Object.entries(settings)));
    return openBackend(() => connectLike(client, timeoutMs), namespace);
  }
  if (url === undefined || client !== undefined) {
    throw new OmniQError('INVALID_OPTION', 'redis() takes either url or client.', {
      hint: "Write redis({ url: 'redis://localhost:6379' }).",
    });
  }
  return open(url, settings);
}

async function open(url: string, options: Readonly<Record<string, unknown>>): Promise<Backend> {
  const location = locate(url, options);
  return openBackend(() => connect(location), location.namespace);
}

const plugin: BackendPlugin = defineBackend({
  name: 'redis',
  schemes: ['redis', 'rediss'],
  contract: CONTRACT,
  options: {
    namespace: {
      type: 'string',
      default: 'omniq',
      about: 'Keeps what belongs together apart from others on the same server.',
    },
    cluster: {
      type: 'string',
      default: 'false',
      about: 'true if the server is a node of a Cluster, or more of its nodes as host:port,host:port.',
    },
    timeout: { type: 'duration', default: '10s', about: 'How long an answer or a connection is waited for.' },
  },
  open,
  inspect: async (url, options) => inspectServer(locate(url, options)),
});

export default plugin;
