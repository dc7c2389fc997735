import { createCodec } from '@omniq/core/codec';
import { AsyncExecutor } from '@omniq/worker-async';
import memory from '@omniq/storage-memory';
import { virtualAmbient, type VirtualAmbient } from '@omniq/testkit';
import { defaultRetention, Engine, silent, Worker, type TaskDefinition, type WorkerOptions } from '@omniq/core';
import type { Backend, ResultStore, TaskStore } from '@omniq/core/storage';

export const leaseMs = 30_000;

/** One store and the engines of several processes over it, in virtual time. */
export interface Fleet {
  readonly ambient: VirtualAmbient;
  readonly store: TaskStore;
  /** A process of its own: its own engine, its own way to the store; results in the task store, or apart from it. */
  readonly engine: (wrap?: (store: TaskStore) => TaskStore, resultsApart?: ResultStore) => Engine;
}

export async function fleet(): Promise<Fleet> {
  const ambient = virtualAmbient();
  const backend: Backend = await memory.open('memory:', {});
  const { tasks, results } = backend;
  if (tasks === undefined || results === undefined) throw new Error('the memory backend lacks a store');
  return {
    ambient,
    store: tasks,
    engine(wrap = (store) => store, apart) {
      const colocatedResults = apart === undefined;
      return new Engine({
        stores: { tasks: wrap(tasks), results: apart ?? results, events: null, schedules: null, colocatedResults },
        codec: createCodec(),
        ambient,
        logger: silent,
        eventLevel: 'DISABLED',
        defaults: {},
      });
    },
  };
}

/** A worker of a process of its own, on host `host`. */
export function worker(
  engine: Engine,
  tasks: readonly TaskDefinition<never>[],
  {
    pid,
    host = 'a',
    dead = [],
    ...options
  }: Partial<WorkerOptions> & { pid: number; host?: string; dead?: readonly number[] },
): Worker {
  return new Worker(engine, {
    tasks,
    executors: [new AsyncExecutor()],
    queues: ['default'],
    concurrency: 4,
    leaseMs,
    pollMs: 2_000,
    prefetch: 0,
    shutdownMs: 1_000,
    retention: defaultRetention,
    processes: {
      self: { host, pid, processStart: '1' },
      isGone: (other) => other.host === host && dead.includes(other.pid),
    },
    ...options,
  });
}
