import pg from 'pg';
import { Bell } from './bell.ts';
import { Coalescer } from './coalescer.ts';
import { ownDatabase } from './own-database.ts';
import { SwapLoop } from './swap-loop.ts';
import type { Queue, System, Target } from './system.ts';

const batch = 500;

const SCHEMA = `
create table job (id int8 generated always as identity primary key, priority int2 not null default 0, worker text,
  leased_until int8, payload text not null) with (fillfactor = 80);
create index job_due on job (priority desc, id) where worker is null;
create unlogged table idle (worker text primary key);`;

const ADD = `
with woken as (delete from idle returning 1), wake as materialized (select pg_notify('raw', '') from woken limit 1)
insert into job (payload) select p from unnest($1::text[]) p left join wake on true`;

/** Acknowledge and claim: one statement, one commit. */
const SWAP = `
with done as (delete from job where id = any($1::int8[]) and worker = $2),
due as (select id from job where worker is null order by priority desc, id limit $3 for update skip locked)
update job j set worker = $2, leased_until = $4 from due where j.id = due.id returning j.id, j.payload`;

type Held = { readonly id: string; readonly payload: string };

/** The limit on PostgreSQL: the smallest queue that leases and survives a crash. No history, no fence, no sessions. */
export const rawPostgres: System = {
  name: 'raw-postgres',
  store: 'postgres',
  packages: ['pg'],
  settings: `batch ${batch}, 1 claim in flight, adds of a tick coalesced, synchronous_commit=on`,
  raw: 'raw-postgres',
  shared: true,
  open,
};

async function open(target: Target): Promise<Queue> {
  const url = await ownDatabase(target);
  const pool = new pg.Pool({ connectionString: url, max: 3 });
  pool.on('error', () => undefined);
  if (target.create) await pool.query(SCHEMA);
  const query = async <Row extends object>(name: string, text: string, values: unknown[]): Promise<Row[]> =>
    (await pool.query<Row>({ name, text, values })).rows;
  const add = async (payloads: readonly string[]): Promise<void> => void (await query('add', ADD, [payloads]));
  const adds = new Coalescer(add, { lanes: 2, largest: 1000 });
  const worker = String(process.pid);
  const bell = new Bell();
  const loop = new SwapLoop<Held>({
    swap: (held) => query<Held>('swap', SWAP, [held.map(({ id }) => id), worker, batch, Date.now() + 30_000]),
    idle: async () => {
      const marked = await query('idle', 'insert into idle values ($1) on conflict do nothing returning 1', [worker]);
      if (marked.length === 0) await bell.wait(); // Marked by the round before, so nothing can slip in between.
    },
  });
  let listener: pg.Client | undefined;
  return {
    enqueue: (payload) => adds.add(payload),
    enqueueMany: add,
    work: async (handler) => {
      listener = new pg.Client({ connectionString: url });
      await listener.connect();
      listener.on('notification', () => bell.ring());
      await listener.query('listen raw');
      loop.start(1, ({ payload }) => handler(payload));
    },
    left: async () => Number((await query<{ n: string }>('left', 'select count(*) n from job', []))[0]?.n),
    close: async () => {
      bell.ring();
      await loop.stop();
      await listener?.end();
      await pool.end();
    },
  };
}
