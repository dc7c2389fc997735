import pg from 'pg';
import { OmniQError } from '@omniq/core/storage';
import { Column } from './column.ts';
import { failureOf, sqlStateOf } from './failure.ts';
import { Statements } from './statement.ts';

/** Whatever runs statements: the pool, a transaction of ours, or one of the user's. */
export interface Runner {
  /** Runs one statement, given as a template. 64-bit integers arrive as numbers, or as text from a user's connection. */
  rows<Row extends object>(template: string, values: readonly unknown[]): Promise<Row[]>;
}

export interface DatabaseOptions {
  readonly pool: pg.Pool;
  /** Ends with the store. */
  readonly ownsPool: boolean;
  readonly schema: string;
  /** Host, port and database, without secrets: for messages. */
  readonly server: string;
  readonly prepare: boolean;
  readonly lockTimeoutMs: number;
  /** Brings the schema up to date, before the first statement. */
  readonly prepareSchema: (database: Database) => Promise<void>;
}

/** The pool, with statements for one schema and errors that say what to do. Connects at the first use. */
export class Database implements Runner {
  readonly schema: string;
  readonly statements: Statements;
  readonly #options: DatabaseOptions;
  #ready: Promise<void> | null = null;
  #isReady = false;
  #prepares: boolean;
  #closed = false;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#prepares = options.prepare;
    this.schema = options.schema;
    this.statements = new Statements(options.schema);
    // An idle connection that breaks is replaced at the next use; unheard, its error would end the process.
    options.pool.on('error', ignore);
  }

  async rows<Row extends object>(template: string, values: readonly unknown[]): Promise<Row[]> {
    if (!this.#isReady) await this.ready();
    return this.#guard(async () => {
      try {
        return (await this.#options.pool.query<Row>(this.#config(template, values))).rows;
      } catch (error) {
        // Refused before it ran, so it can be sent again.
        if (!this.#lostPlans(error)) throw error;
        return (await this.#options.pool.query<Row>(this.#config(template, values))).rows;
      }
    });
  }

  /** One short transaction. Locks are waited for so long as the options say. */
  async transaction<T>(work: (on: Runner) => Promise<T>): Promise<T> {
    if (!this.#isReady) await this.ready();
    return this.unprepared((client) => this.#within(client, work));
  }

  /** A connection before the schema is looked at. */
  async unprepared<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return this.#guard(async () => {
      const client = await this.#options.pool.connect();
      client.on('error', ignore);
      let failed: unknown;
      try {
        return await work(client);
      } catch (error) {
        failed = error;
        throw error;
      } finally {
        client.off('error', ignore);
        // After a rollback a refusal of ours leaves it whole; whatever the server or the network did may not.
        client.release(failed !== undefined && !(failed instanceof OmniQError));
      }
    });
  }

  /** A connection of the user's, in whose transaction statements run. */
  foreign(query: (text: string, values: unknown[]) => Promise<{ readonly rows: readonly unknown[] }>): Runner {
    return {
      rows: async <Row extends object>(template: string, values: readonly unknown[]): Promise<Row[]> => {
        if (!this.#isReady) await this.ready();
        // Which driver it is behind is not known, so no format of ours.
        const plain = values.map((value) => (value instanceof Column ? value.values : value));
        return this.#guard(async () => [...((await query(this.statements.get(template).text, plain)).rows as Row[])]);
      },
    };
  }

  ready(): Promise<void> {
    this.#ready ??= this.#options.prepareSchema(this).then(
      () => {
        this.#isReady = true;
      },
      (error: unknown) => {
        this.#ready = null;
        throw error;
      },
    );
    return this.#ready;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#options.ownsPool) await this.#options.pool.end();
    else this.#options.pool.off('error', ignore);
  }

  async #within<T>(client: pg.PoolClient, work: (on: Runner) => Promise<T>): Promise<T> {
    await client.query(`begin; set local lock_timeout = ${this.#options.lockTimeoutMs}`);
    const on: Runner = {
      rows: async <Row extends object>(template: string, values: readonly unknown[]): Promise<Row[]> =>
        (await client.query<Row>(this.#config(template, values))).rows,
    };
    try {
      const result = await work(on);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw this.#lostPlans(error) ? busy(error) : error;
    }
  }

  /** A pooler gave the connection to others, who prepare other statements: from now on none is prepared by name. */
  #lostPlans(error: unknown): boolean {
    const isLost = this.#prepares && LOST_PLAN.has(sqlStateOf(error) ?? '');
    if (isLost) this.#prepares = false;
    return isLost;
  }

  #config(template: string, values: readonly unknown[]): pg.QueryConfig {
    const { name, text } = this.statements.get(template);
    const encoded = values.map((value) => (value instanceof Column ? value.encode() : value));
    return { ...(this.#prepares ? { name } : {}), text, values: encoded, types };
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new OmniQError('STORE_CLOSED', 'The PostgreSQL store was closed.', { backend: 'postgres' });
    try {
      return await work();
    } catch (error) {
      throw failureOf(error, this.#options.server);
    }
  }
}

/** A statement of this name is there already, or is not there. */
const LOST_PLAN: ReadonlySet<string> = new Set(['42P05', '26000']);

function busy(cause: unknown): OmniQError {
  return new OmniQError('STORE_BUSY', 'A pooler lost track of prepared statements; none is prepared from now on.', {
    hint: 'Set prepare to false, or max_prepared_statements of the pooler.',
    backend: 'postgres',
    cause,
  });
}

function ignore(): void {}

const INT8_ARRAY = 1016;

/** Every 64-bit column stays below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') => {
    if (oid === pg.types.builtins.INT8) return Number;
    return oid === INT8_ARRAY ? numbersOf : pg.types.getTypeParser(oid, format);
  }) as typeof pg.types.getTypeParser,
};

/** Reads `{1,NULL,-2}`. */
function numbersOf(text: string): (number | null)[] {
  if (text === '{}') return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((word) => (word === 'NULL' ? null : Number(word)));
}
