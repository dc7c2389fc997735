import { createHash } from 'node:crypto';
import { OmniQError } from '@omniq/core/storage';
import type { Connection } from '../connection.ts';
import type { Migration } from './migration.ts';
import type { Schema } from './schemas.ts';

const HAS_LEDGER = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'omniq_migrations'`;

const CREATE_LEDGER = `
CREATE TABLE IF NOT EXISTS omniq_migrations (
  part TEXT NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  PRIMARY KEY (part, version)
) STRICT, WITHOUT ROWID`;

const APPLIED = `SELECT version, checksum FROM omniq_migrations WHERE part = ? ORDER BY version`;

const RECORD = `INSERT INTO omniq_migrations (part, version, name, checksum) VALUES (?, ?, ?, ?)`;

/**
 * Brings a schema up to date under the write lock: of processes that open a file at the same time, one does it and the
 * others find it done. Returns the names of what it applied.
 * @throws OmniQError `STORE_VERSION` if the file is newer, `STORE_CORRUPT` if a migration in it is not the one we know
 */
export function migrate(db: Connection, schema: Schema): string[] {
  if (pending(db, schema).length === 0) return [];
  return db.write(() => {
    const todo = pendingNow(db, schema);
    db.script(CREATE_LEDGER);
    const record = db.prepare(RECORD);
    for (const migration of todo) {
      db.script(migration.sql);
      record.run(schema.part, migration.version, migration.name, checksum(migration));
    }
    return todo.map((migration) => label(schema, migration));
  });
}

/** The names of the migrations that are missing. @throws as {@link migrate} */
export function pending(db: Connection, schema: Schema): string[] {
  return db.snapshot(() => pendingNow(db, schema)).map((migration) => label(schema, migration));
}

/** The names of all migrations of a schema. */
export function labels(schema: Schema): string[] {
  return schema.migrations.map((migration) => label(schema, migration));
}

function pendingNow(db: Connection, { part, migrations }: Schema): readonly Migration[] {
  if (db.prepare(HAS_LEDGER).get() === undefined) return migrations;
  const applied = db.prepare(APPLIED).raw().all(part) as [version: number, checksum: string][];
  for (const [version, sum] of applied) verify(db, migrations[version - 1], version, sum);
  return migrations.slice(applied.length);
}

function verify(db: Connection, known: Migration | undefined, version: number, sum: string): void {
  if (known === undefined) {
    throw new OmniQError(
      'STORE_VERSION',
      `The SQLite database ${db.file} has schema ${version}, which this version does not know.`,
      {
        hint: 'Upgrade @omniq/storage-sqlite in this process.',
        file: db.file,
        version,
      },
    );
  }
  if (checksum(known) === sum) return;
  throw new OmniQError('STORE_CORRUPT', `The migration ${version} in ${db.file} is not the one of this package.`, {
    hint: 'Was the file made by a development build?',
    file: db.file,
    version,
  });
}

function checksum({ sql }: Migration): string {
  return createHash('sha256').update(sql).digest('hex');
}

function label({ part }: Schema, { version, name }: Migration): string {
  return `${part} ${String(version).padStart(4, '0')} ${name}`;
}
