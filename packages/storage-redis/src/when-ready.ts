import type { Cluster } from 'ioredis';

const waiting = new WeakMap<Cluster, Promise<void>>();

/**
 * Resolves once the client knows the nodes of its Cluster, rejects if it finds none, with the reason; it goes on trying
 * all the same. Left to itself it would keep commands for as long as it takes, and nobody would hear of it.
 */
export async function whenReady(cluster: Cluster): Promise<void> {
  if (cluster.status === 'ready') return;
  const known = waiting.get(cluster);
  if (known !== undefined) return known;
  const ready = nextTurn(cluster).finally(() => waiting.delete(cluster));
  waiting.set(cluster, ready);
  return ready;
}

function nextTurn(cluster: Cluster): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      cluster.off('ready', succeeded).off('error', failed).off('end', ended);
      act();
    };
    const succeeded = (): void => settle(resolve);
    const failed = (error: unknown): void => settle(() => reject(error));
    const ended = (): void => failed(new Error('Connection is closed.'));
    cluster.on('ready', succeeded).on('error', failed).on('end', ended);
    // Its own refusal says less than the error that comes before it.
    if (cluster.status === 'wait') cluster.connect().catch(() => {});
  });
}
