import { ask } from './ask.ts';
import { freePort } from './free-port.ts';
import { startRedis, type RedisOptions } from './redis.ts';
import type { Server } from './server.ts';

export interface RedisClusterOptions extends RedisOptions {
  /** Default 3, each with a share of the slots and no replica. */
  readonly masters?: number;
}

/** Several Redis servers that share the slots. */
export interface RedisCluster {
  /** Of the first; a client finds the others from there. */
  readonly url: string;
  readonly nodes: readonly Server[];
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const LOOK_AGAIN_MS = 50;
const START_LIMIT_MS = 30_000;

/** A private Redis Cluster. @throws MissingServer where Redis is not installed */
export async function startRedisCluster({ masters = 3, settings }: RedisClusterOptions = {}): Promise<RedisCluster> {
  const started = await Promise.all(Array.from({ length: masters }, () => startNode(settings)));
  const nodes = started.map(({ node }) => node);
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    const [first] = started as [Node];
    for (const [nth, { node }] of started.entries()) {
      const from = Math.floor((SLOTS * nth) / masters);
      const to = Math.floor((SLOTS * (nth + 1)) / masters) - 1;
      await command(node, `CLUSTER ADDSLOTSRANGE ${from} ${to}`);
      await command(node, `CLUSTER SET-CONFIG-EPOCH ${nth + 1}`);
      if (nth > 0) await command(node, `CLUSTER MEET 127.0.0.1 ${portOf(first.node)} ${first.bus}`);
    }
    for (const node of nodes) await untilWhole(node, masters);
    return { url: first.node.url, nodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Node {
  readonly node: Server;
  /** The port on which the nodes talk to each other. */
  readonly bus: number;
}

/** The bus would take the port above by 10,000, which need not be free, nor exist. */
async function startNode(settings: RedisOptions['settings']): Promise<Node> {
  const bus = await freePort();
  const cluster = { 'cluster-enabled': 'yes', 'cluster-port': `${bus}`, 'cluster-node-timeout': '2000' };
  return { node: await startRedis({ settings: { ...cluster, ...settings } }), bus };
}

async function untilWhole(node: Server, masters: number): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  for (;;) {
    const info = (await ask(portOf(node), 'CLUSTER INFO\r\n')).toString();
    if (info.includes('cluster_state:ok') && info.includes(`cluster_size:${masters}`)) return;
    if (performance.now() > deadline) throw new Error(`The Redis cluster does not come together: ${info}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

async function command(node: Server, line: string): Promise<void> {
  const answer = (await ask(portOf(node), `${line}\r\n`)).toString();
  if (!answer.startsWith('+OK')) throw new Error(`${line}: ${answer}`);
}

function portOf({ url }: Server): number {
  return Number(new URL(url).port);
}
