import Database from 'better-sqlite3';
import pg from 'pg';

/** What an application keeps in its own table, beside the queue's: one line for each payment. */
export interface Ledger {
  create(): Promise<void>;
  /** Runs `work` in a transaction of its own and commits it. */
  inTransaction(work: (entry: Entry) => Promise<void>): Promise<void>;
  /** The payments, one for each line. */
  lines(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A transaction that is open. */
export interface Entry {
  /** What the queue takes for it. */
  readonly transaction: unknown;
  write(payment: string): Promise<void>;
}

const CREATE = 'create table if not exists ledger (payment text not null)';
const LINES = 'select payment from ledger';

export function openLedger(url: string): Ledger {
  return url.startsWith('sqlite:') ? sqliteLedger(url.slice('sqlite:'.length)) : postgresLedger(url);
}

function sqliteLedger(file: string): Ledger {
  const db = new Database(file);
  // One connection has one transaction: they wait for each other.
  let last: Promise<void> = Promise.resolve();
  const alone = async (work: (entry: Entry) => Promise<void>): Promise<void> => {
    db.exec('begin immediate');
    try {
      await work({
        transaction: db,
        write: async (payment) => void db.prepare('insert into ledger values (?)').run(payment),
      });
      db.exec('commit');
    } finally {
      if (db.inTransaction) db.exec('rollback');
    }
  };
  return {
    create: async () => void db.exec(CREATE),
    inTransaction(work) {
      const turn = last.then(() => alone(work));
      last = turn.catch(() => {});
      return turn;
    },
    lines: async () => db.prepare<[], string>(LINES).pluck().all(),
    close: async () => void db.close(),
  };
}

function postgresLedger(url: string): Ledger {
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  pool.on('error', () => {}); // An idle connection that breaks is replaced at the next use.
  return {
    create: async () => void (await pool.query(CREATE)),
    async inTransaction(work) {
      const client = await pool.connect();
      let broken = true;
      try {
        await client.query('begin');
        await work({
          transaction: client,
          write: async (payment) => void (await client.query('insert into ledger values ($1)', [payment])),
        });
        await client.query('commit');
        broken = false;
      } finally {
        client.release(broken);
      }
    },
    lines: async () => (await pool.query<{ payment: string }>(LINES)).rows.map(({ payment }) => payment),
    close: () => pool.end(),
  };
}
