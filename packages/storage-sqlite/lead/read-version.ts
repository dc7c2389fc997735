import { existsSync } from 'node:fs';
import Sqlite, { type Database } from 'better-sqlite3';

/** Asks a file without making or changing it; one that is not there is asked as an empty one. */
export function readVersion<T>(file: string, ask: (db: Database) => T): T {
  const db = file === ':memory:' || !existsSync(file) ? new Sqlite(':memory:') : new Sqlite(file, { readonly: true });
  try {
    return ask(db);
  } finally {
    db.close();
  }
}
