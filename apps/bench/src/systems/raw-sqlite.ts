import { watch, type FSWatcher } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { Bell } from './bell.ts';
import { Coalescer } from './coalescer.ts';
import { SwapLoop } from './swap-loop.ts';
import type { Queue, System, Target } from './system.ts';

const batch = 500;
/** The file's change is seen before the commit can be read: a woken reader looks again after these pauses. */
const pausesMs = [1, 2, 8];

const SCHEMA = `
create table if not exists job (id integer primary key autoincrement, priority integer not null default 0, worker text,
  leased_until integer, payload text not null);
create index if not exists job_due on job (priority desc, id) where worker is null;`;
const CLAIM = `
update job set worker = ?, leased_until = ?
where id in (select id from job where worker is null order by priority desc, id limit ?) returning id, payload`;

type Held = { readonly id: number; readonly payload: string };

/** The limit on SQLite: the smallest queue that leases and survives a crash; acknowledge and claim in one transaction. */
export const rawSqlite: System = {
  name: 'raw-sqlite',
  store: 'sqlite',
  packages: ['better-sqlite3'],
  settings: `batch ${batch}, adds of a tick in one transaction, WAL, synchronous=NORMAL`,
  raw: 'raw-sqlite',
  shared: true,
  open,
};

async function open({ url }: Target): Promise<Queue> {
  const db = new Database(url, { timeout: 10_000 });
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec(SCHEMA);
  const insert = db.prepare<[string]>('insert into job (payload) values (?)');
  const remove = db.prepare<[number, string]>('delete from job where id = ? and worker = ?');
  const claim = db.prepare<[string, number, number], Held>(CLAIM);
  const left = db.prepare<[], { left: number }>('select count(*) as left from job');
  const worker = String(process.pid);
  const add = db.transaction((payloads: readonly string[]) => payloads.forEach((payload) => insert.run(payload)));
  const swap = db.transaction((held: readonly Held[]) => {
    for (const { id } of held) remove.run(id, worker);
    return claim.all(worker, Date.now() + 30_000, batch).toSorted((a, b) => a.id - b.id);
  });
  const adds = new Coalescer(async (payloads) => add.immediate(payloads), { lanes: 1, largest: 1000 });
  const bell = new Bell();
  const loop = new SwapLoop<Held>({
    swap: async (held) => {
      await nextTurn(); // Timers and callers of this process get their turn between batches.
      return swap.immediate(held);
    },
    idle: async () => bell.wait(pausesMs[looks++]),
  });
  let looks = 0;
  let watcher: FSWatcher | undefined;
  return {
    enqueue: (payload) => adds.add(payload),
    enqueueMany: async (payloads) => add.immediate(payloads),
    work: async (handler) => {
      watcher = watch(`${url}-wal`, () => {
        looks = 0;
        bell.ring();
      });
      loop.start(1, ({ payload }) => handler(payload));
    },
    left: async () => left.get()?.left ?? 0,
    close: async () => {
      watcher?.close();
      bell.ring();
      await loop.stop();
      db.close();
    },
  };
}
