import { createHash } from 'node:crypto';
import { OmniQError } from '@omniq/core/storage';
import type { Database } from 'better-sqlite3';
import { migrations, type Migration } from './migrations/index.ts';

const LATEST: number = migrations.length;

const CREATE_MIGRATIONS = `
CREATE TABLE IF NOT EXISTS omniq_migrations (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL
) STRICT`;

/** Brings the schema up to date; of several processes that open a new file at once, one does it. Returns what was done. */
export function migrate(db: Database): readonly string[] {
  if (version(db) === LATEST) return [];
  return db
    .transaction(() => {
      const from = version(db);
      db.exec(CREATE_MIGRATIONS);
      checkApplied(db);
      const pending = migrations.filter(({ number }) => number > from);
      for (const migration of pending) apply(db, migration);
      db.pragma(`user_version = ${LATEST}`);
      return pending.map(describe);
    })
    .immediate();
}

/** What {@link migrate} would do. */
export function pendingMigrations(db: Database): readonly string[] {
  const from = version(db);
  return migrations.filter(({ number }) => number > from).map(describe);
}

/** @throws OmniQError `STORE_VERSION` for a file of a newer version */
function version(db: Database): number {
  const stored = Number(db.pragma('user_version', { simple: true }));
  if (stored <= LATEST) return stored;
  throw new OmniQError('STORE_VERSION', `The file ${db.name} has schema ${stored}; this version knows up to ${LATEST}.`, {
    hint: 'Upgrade @omniq/storage-sqlite.',
    stored,
    known: LATEST,
  });
}

function checkApplied(db: Database): void {
  const applied = db.prepare('SELECT number, checksum FROM omniq_migrations').all() as { number: number; checksum: string }[];
  for (const { number, checksum } of applied) {
    const migration = migrations[number - 1];
    if (migration === undefined || checksumOf(migration) === checksum) continue;
    throw new OmniQError('STORE_CORRUPT', `Migration ${number} of ${db.name} is not the one that this version knows.`, {
      hint: 'The file was made by a build that was never released; start with a new file.',
    });
  }
}

function apply(db: Database, migration: Migration): void {
  db.exec(migration.sql);
  db.prepare('INSERT INTO omniq_migrations VALUES (?, ?, ?)').run(migration.number, migration.name, checksumOf(migration));
}

function checksumOf({ sql }: Migration): string {
  return createHash('sha256').update(sql).digest('hex');
}

function describe({ number, name }: Migration): string {
  return `${String(number).padStart(4, '0')} ${name}`;
}
