/** What other processes do in these tests: `node child.ts <verb> <file> ...`, talking over IPC. */
import { once } from 'node:events';
import Database from 'better-sqlite3';
import type { Change, TaskStore } from '@omniq/core/storage';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const [verb = '', file = '', name = ''] = process.argv.slice(2);

const verbs: Readonly<Record<string, () => Promise<void>>> = {
  /** Opens and closes each file that it is told of. */
  async open() {
    await say('ready');
    process.on('message', (each: string) => {
      openTasks(each)
        .then(({ backend }) => backend.close())
        .then(
          () => say('opened'),
          (error: unknown) => say(String(error)),
        );
    });
    await once(process, 'disconnect');
  },

  /** Claims and settles until nothing waits, and tells which settles were accepted. */
  async drain() {
    const { backend, tasks, now } = await openTasks(file);
    await openSession(tasks, name, now);
    let changes: Change[] = [];
    for (let request = 1; ; request += 1) {
      const outcome = await tasks.swap?.(changes, claimRequest(name, request, now, 7));
      const settled = changes.filter((_, index) => outcome?.outcomes[index]?.status === 'applied').map(({ id }) => id);
      await say({ settled, leases: outcome?.claimed.map(({ lease }) => lease) });
      changes = (outcome?.claimed ?? []).map(({ id, lease }) => ({
        id,
        guard: { lease },
        set: { state: 'completed', finishedAt: now },
      }));
      if (changes.length === 0) break;
    }
    await tasks.end(name);
    await backend.close();
  },

  /** Opens each session that it is told of, and claims under it until it is refused. */
  async claim() {
    const { backend, tasks, now } = await openTasks(file);
    await say('ready');
    process.on('message', (session: string) => void claimUntilRefused(tasks, session, now));
    await once(process, 'disconnect');
    await backend.close();
  },

  /** Inserts batches of 2,000 for ever, and tells of each after it was acknowledged. */
  async produce() {
    const { tasks, now } = await openTasks(file);
    for (let batch = 0; ; batch += 1) {
      await tasks.insert(tasksOf(2_000, now, `${name}-${String(batch).padStart(3, '0')}`), now);
      await say(batch);
    }
  },

  /** Inserts one task each time it is told to. */
  async insert() {
    const { backend, tasks, now } = await openTasks(file);
    await say('ready');
    process.on('message', (id: string) => {
      if (id === 'truncate') new Database(file).pragma('wal_checkpoint(TRUNCATE)');
      else void tasks.insert(tasksOf(1, now - 60_000, id), now);
    });
    await once(process, 'disconnect');
    await backend.close();
  },

  /** Keeps the write lock of the file: until it is told to let go, or for so many ms. */
  async lock() {
    const db = new Database(file);
    db.exec('BEGIN IMMEDIATE');
    await say('locked');
    if (name === '') await once(process, 'message');
    else await new Promise((resolve) => setTimeout(resolve, Number(name)));
    db.exec('COMMIT');
    db.close();
    await say('unlocked');
  },
};

async function claimUntilRefused(tasks: TaskStore, session: string, now: number): Promise<void> {
  await openSession(tasks, session, now);
  try {
    for (let request = 1; ; request += 1) {
      await tasks.claim(claimRequest(session, request, now, 250));
      if (request === 1) await say('claiming');
    }
  } catch (error) {
    await say((error as { code: string }).code);
  }
}

function say(message: unknown): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

await verbs[verb]?.();
if (process.connected) process.disconnect();
