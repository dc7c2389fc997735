import { openPgBoss, pgBoss } from './pg-boss.ts';
import type { System } from './system.ts';

/** Without the notification, which is off by default and makes each enqueue dearer, at the price of latency. */
export const pgBossPolling: System = {
  ...pgBoss,
  name: 'pg-boss-polling',
  settings: 'batchSize 3000, localConcurrency 2, burstWhenBatchFull, poll 0.5 s (its least)',
  open: (target) => openPgBoss(target, false),
};
