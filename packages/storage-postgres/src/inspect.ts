import type { BackendFinding } from '@omniq/core/storage';
import { systemAmbient } from '@omniq/core/storage';
import type { Database } from './database.ts';

const SETTINGS = `
select current_setting('synchronous_commit') as commits, current_setting('fsync') as fsync,
  current_setting('full_page_writes') as pages, current_setting('autovacuum') as vacuums,
  current_setting('max_connections')::int4 as connections, pg_is_in_recovery() as standby,
  current_setting('server_version') as version, current_setting('server_version_num')::int4 as number,
  (extract(epoch from clock_timestamp()) * 1000)::int8 as time, pg_backend_pid() as pid`;

const MARK = `select set_config('omniq.seen', $1, false)`;
const MARKED = `select current_setting('omniq.seen', true) as seen, pg_backend_pid() as pid`;

interface Settings {
  readonly commits: string;
  readonly fsync: string;
  readonly pages: string;
  readonly vacuums: string;
  readonly connections: number;
  readonly standby: boolean;
  readonly version: string;
  readonly number: number;
  readonly time: string;
  readonly pid: number;
}

/** The oldest version that the tests run on. */
const OLDEST = 150_000;
const MAX_SKEW_MS = 1_000;

/** What about the server endangers tasks, or slows them down. */
export async function inspect(
  db: Database,
  { poolSize, notify, listens, prepare }: { poolSize: number; notify: boolean; listens: boolean; prepare: boolean },
): Promise<readonly BackendFinding[]> {
  return db.unprepared(async (client) => {
    const before = systemAmbient.clock.now();
    const { rows } = await client.query<Settings>(SETTINGS);
    const after = systemAmbient.clock.now();
    const settings = rows[0] as Settings;
    const pooled = await isPooled(
      () => client.query(MARK, [`${settings.pid}`]),
      () => client.query(MARKED),
    );
    return [
      version(settings),
      commits(settings),
      files(settings),
      vacuum(settings),
      standby(settings),
      clock(Number(settings.time), before, after),
      connections(settings, poolSize),
      pooler(pooled, notify && !listens, prepare),
    ];
  });
}

/** Whether what one statement leaves on a connection is missed by the next: then a pooler gives it to others in between. */
async function isPooled(
  mark: () => Promise<unknown>,
  look: () => Promise<{ rows: { seen?: string | null; pid?: number }[] }>,
): Promise<boolean> {
  await mark();
  const looks = [await look(), await look(), await look()].map(({ rows }) => rows[0]);
  return looks.some((row) => row?.seen !== `${row?.pid}`);
}

function finding(about: string, status: BackendFinding['status'], detail: string): BackendFinding {
  return { about, status, detail };
}

function version({ version: name, number }: Settings): BackendFinding {
  return number >= OLDEST
    ? finding('version', 'ok', `PostgreSQL ${name}.`)
    : finding('version', 'warning', `PostgreSQL ${name} is older than 15, the oldest that is tested.`);
}

function commits({ commits: mode }: Settings): BackendFinding {
  if (mode === 'off') {
    const detail =
      'synchronous_commit is off: the last acknowledged tasks may be lost in a crash of the server. Set it to on.';
    return finding('commits', 'warning', detail);
  }
  return finding('commits', 'ok', `synchronous_commit is ${mode}.`);
}

function files({ fsync, pages }: Settings): BackendFinding {
  if (fsync === 'on' && pages === 'on') return finding('persistence', 'ok', 'fsync and full_page_writes are on.');
  const which = fsync === 'on' ? 'full_page_writes' : 'fsync';
  return finding('persistence', 'failed', `${which} is off: a loss of power may destroy the database. Set it to on.`);
}

function vacuum({ vacuums }: Settings): BackendFinding {
  return vacuums === 'on'
    ? finding('autovacuum', 'ok', 'autovacuum is on.')
    : finding('autovacuum', 'failed', 'autovacuum is off: every claim will walk past all that ever ran. Set it to on.');
}

function standby({ standby: is }: Settings): BackendFinding {
  return is
    ? finding('role', 'failed', 'The server is a standby, which takes no writes. Name the primary in the URL.')
    : finding('role', 'ok', 'The server takes writes.');
}

function clock(time: number, before: number, after: number): BackendFinding {
  const skew = time < before ? before - time : Math.max(0, time - after);
  if (skew <= MAX_SKEW_MS) return finding('clock', 'ok', "The server's clock and this machine's agree.");
  return finding(
    'clock',
    'warning',
    `The server's clock and this machine's differ by ${Math.round(skew)} ms. Synchronise both.`,
  );
}

function connections({ connections: most }: Settings, poolSize: number): BackendFinding {
  return poolSize * 4 <= most
    ? finding('connections', 'ok', `max_connections is ${most}.`)
    : finding(
        'connections',
        'warning',
        `max_connections is ${most}, and each process may take ${poolSize + 1}. Lower poolSize, or raise it.`,
      );
}

function pooler(pooled: boolean, listensThere: boolean, prepare: boolean): BackendFinding {
  if (!pooled) return finding('pooling', 'ok', 'Each connection stays with its client.');
  if (listensThere) {
    const detail = 'A pooler changes connections between statements, so nobody is woken: set listenUrl to the server.';
    return finding('pooling', 'warning', detail);
  }
  return finding(
    'pooling',
    prepare ? 'warning' : 'ok',
    prepare
      ? 'A pooler changes connections between statements: set its max_prepared_statements, or prepare to false.'
      : 'A pooler changes connections between statements; no statement is prepared.',
  );
}
