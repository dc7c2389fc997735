import { outboxQueue, relayTask, Worker, type Engine, type Retention } from '@omniq/core';
import { AsyncExecutor } from '@omniq/worker-async';

/** So many are under way at once: they share inserts. */
const CONCURRENCY = 500;

/** The worker that carries tasks from an outbox to the queue that they are meant for. */
export function relayWorker(outbox: Engine, target: Engine, retention: Retention): Worker {
  return new Worker(outbox, {
    tasks: [relayTask(target, retention)],
    executors: [new AsyncExecutor()],
    queues: [outboxQueue],
    concurrency: CONCURRENCY,
    leaseMs: 30_000,
    pollMs: 2_000,
    prefetch: 0,
    shutdownMs: 10_000,
    retention,
  });
}
