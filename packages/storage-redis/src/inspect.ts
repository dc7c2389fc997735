import type { BackendFinding } from '@omniq/core/storage';
import { connect, isCluster } from './connect.ts';
import type { Client } from './connection.ts';
import { failureOf } from './failure.ts';
import type { Location } from './location.ts';
import { whenReady } from './when-ready.ts';

/** What INFO and, where it is allowed, CONFIG tell. */
type Facts = ReadonlyMap<string, string>;

/**
 * What about the settings of the server endangers tasks. Of a Cluster every primary is asked, and each line is said once.
 * @throws OmniQError `STORE_UNREACHABLE`, and as any call
 */
export async function inspectServer(location: Location): Promise<readonly BackendFinding[]> {
  const client = connect(location);
  try {
    await (isCluster(client) ? whenReady(client) : client.connect());
    const nodes = isCluster(client) ? client.nodes('master') : [client];
    const findings = await Promise.all(nodes.map(async (node) => judge(await factsOf(node), location)));
    return [...new Map(findings.flat().map((finding) => [JSON.stringify(finding), finding])).values()];
  } catch (error) {
    throw failureOf(error, 'inspect');
  } finally {
    client.disconnect();
  }
}

async function factsOf(node: Client): Promise<Facts> {
  const facts = new Map<string, string>();
  for (const section of ['server', 'memory', 'persistence', 'replication', 'cluster']) {
    // oxlint-disable-next-line no-await-in-loop -- a few lines, once
    for (const line of (await node.info(section)).split('\r\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) facts.set(line.slice(0, colon), line.slice(colon + 1));
    }
  }
  // Managed servers often forbid it.
  const config = await node.config('GET', 'appendfsync').catch(() => null);
  const appendfsync = Array.isArray(config) ? config[1] : undefined;
  if (typeof appendfsync === 'string') facts.set('appendfsync', appendfsync);
  return facts;
}

function judge(facts: Facts, location: Location): BackendFinding[] {
  return [version(facts), eviction(facts), persistence(facts), role(facts), cluster(facts, location)];
}

function version(facts: Facts): BackendFinding {
  const about = 'version';
  const valkey = facts.get('valkey_version');
  if (valkey !== undefined) return { about, status: 'ok', detail: `Valkey ${valkey}.` };
  const redis = facts.get('redis_version') ?? '';
  const [major = 0, minor = 0] = redis.split('.').map(Number);
  if (major > 6 || (major === 6 && minor >= 2)) return { about, status: 'ok', detail: `Redis ${redis}.` };
  return {
    about,
    status: 'failed',
    detail: `Redis ${redis || 'of an unknown version'}: it takes 6.2 or later, or Valkey.`,
  };
}

function eviction(facts: Facts): BackendFinding {
  const about = 'eviction';
  const policy = facts.get('maxmemory_policy');
  if (policy === undefined) {
    return {
      about,
      status: 'warning',
      detail: 'The server does not tell its maxmemory-policy; it must be noeviction.',
    };
  }
  if (policy === 'noeviction') return { about, status: 'ok', detail: 'maxmemory-policy is noeviction.' };
  const detail = `maxmemory-policy is ${policy}; set it to noeviction, or the server forgets tasks when memory runs out.`;
  return { about, status: policy.startsWith('volatile') ? 'warning' : 'failed', detail };
}

function persistence(facts: Facts): BackendFinding {
  const about = 'persistence';
  if (facts.get('aof_enabled') !== '1') {
    const detail =
      'appendonly is no: the end of the server loses what was written since the last snapshot. Set it to yes.';
    return { about, status: 'warning', detail };
  }
  const losses: Readonly<Record<string, string>> = {
    always: 'nothing acknowledged is lost with the power',
    everysec: 'the loss of power loses about the last second, the end of the server nothing',
    no: 'the loss of power loses what the system had not written yet, about half a minute',
  };
  const fsync = facts.get('appendfsync');
  const loss = fsync === undefined ? undefined : losses[fsync];
  if (loss === undefined) {
    return {
      about,
      status: 'warning',
      detail: 'appendonly is yes; how often the log is flushed (appendfsync) is not told.',
    };
  }
  return {
    about,
    status: fsync === 'no' ? 'warning' : 'ok',
    detail: `appendonly is yes, appendfsync ${fsync}: ${loss}.`,
  };
}

function role(facts: Facts): BackendFinding {
  const about = 'replication';
  if (facts.get('role') === 'slave') {
    return { about, status: 'failed', detail: 'This is a replica, which takes no writes; name the primary.' };
  }
  const replicas = Number(facts.get('connected_slaves') ?? 0);
  if (replicas === 0) return { about, status: 'ok', detail: 'A primary without replicas.' };
  const detail = `A primary with ${replicas} replicas: a failover loses what they had not received yet.`;
  return { about, status: 'ok', detail };
}

function cluster(facts: Facts, { isCluster: isOpened }: Location): BackendFinding {
  const about = 'cluster';
  const isOne = facts.get('cluster_enabled') === '1';
  if (isOne === isOpened)
    return { about, status: 'ok', detail: isOne ? 'A node of a Cluster.' : 'A server by itself.' };
  if (isOne) return { about, status: 'failed', detail: 'This is a node of a Cluster: set the option cluster to true.' };
  return { about, status: 'failed', detail: 'This is no node of a Cluster: leave the option cluster out.' };
}
