import type { StoreName } from './systems/system.ts';

/** How much a run measures. Counts are those of a server; other stores take them times their factor. */
export interface Profile {
  readonly name: string;
  readonly repetitions: number;
  /** Tasks awaited one by one. */
  readonly enqueueOne: number;
  /** Tasks under 100 callers. */
  readonly enqueueMany: number;
  readonly bulk: number;
  readonly drain: number;
  readonly latency: { readonly arrivals: number; readonly perSecond: number };
  /** Backlogs that are drained whole; not multiplied. */
  readonly growth: readonly number[];
  /** Tasks of the highest priority, due in an hour, that lie in the way of a drain; not multiplied. */
  readonly delayed: number;
  /** Tasks that were worked off before, so that what is kept of them lies in the way; not multiplied. */
  readonly finished: number;
  /** Tasks that are drained while a transaction is held open; not multiplied. */
  readonly held: number;
  /** How long a worker with nothing to do is watched. */
  readonly idleMs: number;
  /** No single measurement goes on for longer: it then reports what was done by then. */
  readonly limitMs: number;
}

export const profiles: Readonly<Record<string, Profile>> = {
  quick: {
    name: 'quick',
    repetitions: 3,
    enqueueOne: 1000,
    enqueueMany: 10_000,
    bulk: 20_000,
    drain: 10_000,
    latency: { arrivals: 200, perSecond: 200 },
    growth: [10_000, 50_000],
    delayed: 20_000,
    finished: 20_000,
    held: 20_000,
    idleMs: 5000,
    limitMs: 4000,
  },
  full: {
    name: 'full',
    repetitions: 5,
    enqueueOne: 5000,
    enqueueMany: 50_000,
    bulk: 100_000,
    drain: 50_000,
    latency: { arrivals: 2000, perSecond: 200 },
    growth: [10_000, 100_000, 500_000, 1_000_000],
    delayed: 200_000,
    finished: 200_000,
    held: 100_000,
    idleMs: 20_000,
    limitMs: 60_000,
  },
  /** Proves that everything runs; its figures mean nothing. */
  smoke: {
    name: 'smoke',
    repetitions: 3,
    enqueueOne: 20,
    enqueueMany: 200,
    bulk: 200,
    drain: 200,
    latency: { arrivals: 20, perSecond: 200 },
    growth: [200],
    delayed: 200,
    finished: 200,
    held: 200,
    idleMs: 300,
    limitMs: 10_000,
  },
};

const factors: Readonly<Record<StoreName, number>> = {
  memory: 10,
  file: 5,
  sqlite: 5,
  postgres: 1,
  redis: 2,
  'redis-aof': 2,
  nats: 5,
};

/** A count of the profile for this store: long enough to time, short enough to wait for. */
export function sized(count: number, store: StoreName): number {
  return count * factors[store];
}
