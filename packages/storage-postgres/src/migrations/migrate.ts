import { createHash } from 'node:crypto';
import type pg from 'pg';
import { OmniQError } from '@omniq/core/storage';
import type { Database } from '../database.ts';
import { sqlStateOf } from '../failure.ts';
import { initial } from './0001-initial.ts';
import type { Migration } from './migration.ts';

/** By version, without gaps, from 1. */
export const migrations: readonly Migration[] = [initial];

const LOCK = `select pg_advisory_xact_lock(hashtextextended('@key migrations', 0))`;

const LEDGER = `
create table if not exists @.migration (
  version int4 primary key, name text not null, checksum text not null, oldest int4 not null,
  applied_at timestamptz not null default now()
)`;

const HAS_LEDGER = `select to_regclass('@.migration') is not null as there`;

const APPLIED = `select version, checksum, oldest from @.migration order by version`;

const RECORD = `insert into @.migration (version, name, checksum, oldest) values ($1, $2, $3, $4)`;

/** A table that a long transaction uses would make all others wait behind the migration: rather it is tried again. */
const PATIENCE = `set local lock_timeout = '3s'`;

/** A create by another process that had not taken our lock yet: it is there now, so looking again helps. */
const MADE_BY_OTHERS = new Set(['23505', '42P06', '42P07', '42710']);

interface Applied {
  readonly version: number;
  readonly checksum: string;
  readonly oldest: number;
}

/** Those who work meanwhile take the tables in an order of theirs. */
const DEADLOCK = '40P01';

const MAX_TRIES = 10;

/**
 * Brings the schema up to date under an advisory lock: of processes that open it at the same time one does it, the others
 * find it done. A schema that is up to date costs one read. Returns the names of what it applied.
 * @throws OmniQError `STORE_VERSION` if the schema is newer than what this version can work beside, or a migration in it
 *   is not the one of this package; `STORE_BUSY` if a table was in use for too long
 */
export async function migrate(database: Database, known: readonly Migration[] = migrations): Promise<string[]> {
  if ((await pending(database, known)).length === 0) return [];
  for (let tries = 1; ; tries += 1) {
    try {
      return await applyAtOnce(database, known);
    } catch (error) {
      if (tries >= MAX_TRIES || sqlStateOf(error) !== DEADLOCK) throw error;
    }
  }
}

async function applyAtOnce(database: Database, known: readonly Migration[]): Promise<string[]> {
  return database.unprepared(async (client) => {
    await client.query('begin');
    try {
      const names = await applyAll(client, database, known);
      await client.query('commit');
      return names;
    } catch (error) {
      await client.query('rollback').catch(() => {});
      if (MADE_BY_OTHERS.has(sqlStateOf(error) ?? '')) return [];
      throw error;
    }
  });
}

/** The names of the migrations that are missing. @throws as {@link migrate} */
export async function pending(database: Database, known: readonly Migration[] = migrations): Promise<string[]> {
  return database.unprepared(async (client) => (await missing(client, database, known)).map(label));
}

/** As `0001 initial`. */
export function label({ version, name }: Migration): string {
  return `${String(version).padStart(4, '0')} ${name}`;
}

export function checksum({ sql }: Migration): string {
  return createHash('sha256').update(sql).digest('hex');
}

async function applyAll(client: pg.PoolClient, database: Database, known: readonly Migration[]): Promise<string[]> {
  const { statements, schema } = database;
  await client.query(statements.fill(LOCK));
  await client.query(`create schema if not exists "${schema}"`);
  await client.query(statements.fill(LEDGER));
  await client.query(PATIENCE);
  const todo = await missing(client, database, known);
  for (const migration of todo) {
    await client.query(statements.fill(migration.sql));
    await client.query(statements.fill(RECORD), [
      migration.version,
      migration.name,
      checksum(migration),
      migration.oldest,
    ]);
  }
  return todo.map(label);
}

async function missing(
  client: pg.PoolClient,
  { statements, schema }: Database,
  known: readonly Migration[],
): Promise<readonly Migration[]> {
  const { rows } = await client.query<{ there: boolean }>(statements.fill(HAS_LEDGER));
  if (rows[0]?.there !== true) return known;
  const applied = await client.query<Applied>(statements.fill(APPLIED));
  for (const [index, row] of applied.rows.entries()) verify(known, index, row, schema);
  return known.slice(applied.rows.length);
}

function verify(
  all: readonly Migration[],
  index: number,
  { version, checksum: sum, oldest }: Applied,
  schema: string,
): void {
  const known = all[index];
  if (known === undefined) {
    if (oldest <= all.length) return;
    throw new OmniQError(
      'STORE_VERSION',
      `The schema ${schema} is at ${version}, and this version knows ${all.length}.`,
      {
        hint: 'Upgrade @omniq/storage-postgres in this process.',
        schema,
        version,
      },
    );
  }
  if (known.version === version && checksum(known) === sum) return;
  throw new OmniQError(
    'STORE_VERSION',
    `The migration ${version} in the schema ${schema} is not the one of this package.`,
    {
      hint: 'Was it made by a development build, or changed by hand?',
      schema,
      version,
    },
  );
}
