import { afterAll } from 'vitest';
import pg from 'pg';
import type { Backend, ClaimRequest, NewTask, TaskStore } from '@omniq/core/storage';
import { postgres, type PostgresOptions } from '@omniq/storage-postgres';
import { startPostgres, type Server } from '@omniq/testkit/servers';
import { newSession, newTask } from '@omniq/testkit/storage';
import { freshSchema } from './stores.ts';

export interface Subject {
  readonly backend: Backend;
  readonly tasks: TaskStore;
  readonly schema: string;
  /** The store's time when it was opened. */
  readonly now: number;
}

/** A private server for one test file, with what was opened on it closed at the end. */
export async function serverForTests(settings: Readonly<Record<string, string>> = {}): Promise<{
  readonly server: Server;
  readonly admin: pg.Pool;
  readonly open: (options?: PostgresOptions) => Promise<Subject>;
}> {
  const server = await startPostgres({ settings: { fsync: 'off', shared_buffers: '256MB', ...settings } });
  const admin = new pg.Pool({ connectionString: server.url, max: 4 });
  admin.on('error', () => {});
  const opened: Backend[] = [];
  afterAll(async () => {
    await Promise.all(opened.map((backend) => backend.close()));
    await admin.end();
    await server.stop();
  });
  return {
    server,
    admin,
    async open(options = {}) {
      const schema = options.schema ?? freshSchema();
      const backend = postgres({ url: server.url, poolSize: 3, ...options, schema });
      opened.push(backend);
      const tasks = backend.tasks as TaskStore;
      return { backend, tasks, schema, now: (await tasks.time?.()) as number };
    },
  };
}

export function tasksOf(count: number, now: number, given: Partial<NewTask> = {}, prefix = 'task'): NewTask[] {
  return Array.from({ length: count }, (_, n) => newTask({ id: `${prefix}-${n}`, runAt: now, ...given }));
}

export async function openSession(tasks: TaskStore, id: string, now: number): Promise<string> {
  await tasks.open(newSession(id), now);
  return id;
}

export function claimRequest(session: string, request: number, now: number, limit = 100): ClaimRequest {
  return { session, lane: 0, request, queues: ['default'], limit, start: limit, now };
}
