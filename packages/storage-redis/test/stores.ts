import { isOmniQError, type Backend, type ClaimRequest, type NewTask, type TaskStore } from '@omniq/core/storage';
import { redis, type RedisOptions } from '@omniq/storage-redis';
import { newSession, newTask, type Opened } from '@omniq/testkit/storage';

let namespaces = 0;

/** Opens an empty namespace each time. */
export function opener(options: RedisOptions): () => Promise<Opened> {
  return async () => {
    namespaces += 1;
    const namespace = `test ${namespaces}`;
    const again = (): Promise<Backend> => redis({ ...options, namespace });
    return { ...(await again()), again };
  };
}

export interface OpenedTasks {
  readonly backend: Backend;
  readonly tasks: TaskStore;
  /** The store's time when it was opened. */
  readonly now: number;
}

export async function openTasks(options: RedisOptions): Promise<OpenedTasks> {
  const backend = await redis(options);
  const tasks = backend.tasks as TaskStore;
  return { backend, tasks, now: (await tasks.time?.()) as number };
}

export function tasksOf(count: number, now: number, prefix = 'task', given: Partial<NewTask> = {}): NewTask[] {
  return Array.from({ length: count }, (_, n) =>
    newTask({ id: `${prefix}-${n}`, runAt: now, admitBy: now + 900_000, ...given }),
  );
}

export async function openSession(tasks: TaskStore, id: string, now: number): Promise<void> {
  await tasks.open(newSession(id), now);
}

export function claimRequest(session: string, request: number, now: number, limit = 500): ClaimRequest {
  return { session, lane: 0, request, queues: ['default'], limit, start: limit, now };
}

/** Makes the call until the store is reached, as the layers of the core do. */
export async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      return await call();
    } catch (error) {
      if (!isOmniQError(error, 'STORE_UNREACHABLE') && !isOmniQError(error, 'STORE_BUSY')) throw error;
    }
  }
}
