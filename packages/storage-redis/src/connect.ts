import { isIP } from 'node:net';
import { Cluster, Redis } from 'ioredis';
import type { Client } from './connection.ts';
import type { Location } from './location.ts';

const BACKOFF_MS = { first: 50, most: 2_000 };

/**
 * A client that connects at the first command and then again for ever, and sends every command at most once: one that
 * was under way when the connection broke fails at once, as nobody knows whether it had its effect, and so does one that
 * waits for a connection which cannot be made. The core knows how to repeat each of its calls.
 */
export function connect(location: Location): Client {
  const { nodes, isCluster, timeoutMs, db, username, password, tls } = location;
  const [first = { host: '127.0.0.1', port: 6_379 }] = nodes;
  const options = {
    ...ownSettings(timeoutMs),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: isIP(first.host) === 0 ? { servername: first.host } : {} } : {}),
  };
  if (!isCluster) return quiet(new Redis({ ...options, ...first, db }));
  return quiet(new Cluster([...nodes], ownClusterSettings(options)));
}

/** A connection of ours with the address, user and TLS of a client of the user's, which is left alone. */
export function connectLike(client: Client, timeoutMs: number): Client {
  if (isCluster(client)) return quiet(client.duplicate([], ownClusterSettings(ownSettings(timeoutMs), client)));
  return quiet(client.duplicate(ownSettings(timeoutMs)));
}

export function isCluster(client: Client): client is Cluster {
  return client.isCluster;
}

function ownSettings(timeoutMs: number) {
  return {
    lazyConnect: true,
    // RESP2: every server and proxy speaks it, and none of what is asked for is shorter in RESP3.
    protocol: 2 as const,
    replyMapping: 'legacy' as const,
    stringNumbers: false,
    keyPrefix: '',
    connectionName: 'omniq',
    connectTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    enableOfflineQueue: true,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: backOff,
    // A primary that has become a replica: look for the new one. The command itself is not sent again.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
}

function ownClusterSettings(options: ReturnType<typeof ownSettings>, like?: Cluster) {
  const { retryStrategy: _retry, enableOfflineQueue: _queue, ...rest } = options;
  return {
    lazyConnect: true,
    enableOfflineQueue: true,
    clusterRetryStrategy: backOff,
    // These two would send a command again whose outcome is not known.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    scaleReads: 'master' as const,
    keyPrefix: '',
    redisOptions: { ...like?.options.redisOptions, ...rest },
  };
}

function backOff(times: number): number {
  const most = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(times, 10));
  // Real chance: a fleet that lost its server together does not come back together.
  // oxlint-disable-next-line no-restricted-properties
  return most / 2 + (Math.random() * most) / 2;
}

/** What goes wrong with a connection is told by the commands that fail of it. */
function quiet<C extends Client>(client: C): C {
  client.on('error', () => {});
  return client;
}
