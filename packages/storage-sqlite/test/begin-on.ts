import Database from 'better-sqlite3';
import type { UserTransaction } from '@omniq/testkit/storage';

/** Opens a connection as an application has one, and begins a transaction on it. */
export function beginOn(file: string): UserTransaction {
  const db = new Database(file);
  db.exec('BEGIN IMMEDIATE');
  return {
    transaction: db,
    async commit() {
      try {
        db.exec('COMMIT');
      } finally {
        db.close();
      }
    },
    async rollback() {
      if (db.inTransaction) db.exec('ROLLBACK');
      db.close();
    },
  };
}
