import { graphileWorker, openGraphileWorker } from './graphile-worker.ts';
import type { System } from './system.ts';

const size = 500;

/** The settings of its own benchmark: tasks fetched by the batch, completions of a tick in one statement. */
export const graphileWorkerBatched: System = {
  ...graphileWorker,
  name: 'graphile-worker-batched',
  settings: `concurrency 24, 25 connections, localQueue.size ${size}, completeJobBatchDelay 0, failJobBatchDelay 0`,
  open: (target) =>
    openGraphileWorker(target, { localQueue: { size }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }),
};
