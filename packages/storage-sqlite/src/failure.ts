import Database from 'better-sqlite3';
import { OmniQError, type OmniQErrorCode } from '@omniq/core/storage';

interface Meaning {
  readonly code: OmniQErrorCode;
  readonly says: string;
  readonly hint: string;
}

/** By the first part of SQLite's code: `SQLITE_IOERR_FSYNC` means what `SQLITE_IOERR` means. */
const meanings: Readonly<Record<string, Meaning>> = {
  BUSY: {
    code: 'STORE_BUSY',
    says: 'was locked by another process for too long',
    hint: 'Look for a long transaction of another program, or raise busyTimeout.',
  },
  FULL: { code: 'STORE_FULL', says: 'has no room left', hint: 'Free some disk space; nothing was written.' },
  CORRUPT: { code: 'STORE_CORRUPT', says: 'is damaged', hint: 'Restore a backup; PRAGMA integrity_check tells more.' },
  NOTADB: { code: 'STORE_CORRUPT', says: 'is not a SQLite database', hint: 'Name another file.' },
  CANTOPEN: {
    code: 'STORE_UNREACHABLE',
    says: 'cannot be opened',
    hint: 'Is the directory there, and may it be written?',
  },
  READONLY: {
    code: 'STORE_UNREACHABLE',
    says: 'cannot be written',
    hint: 'Check the rights of the file and its directory.',
  },
  PERM: {
    code: 'STORE_UNREACHABLE',
    says: 'may not be accessed',
    hint: 'Check the rights of the file and its directory.',
  },
  IOERR: { code: 'STORE_UNREACHABLE', says: 'cannot be read or written', hint: 'Check the disk that it lives on.' },
  TOOBIG: { code: 'PAYLOAD_TOO_LARGE', says: 'does not take a value of this size', hint: 'Store it elsewhere.' },
};

const otherwise: Meaning = {
  code: 'STORE_CORRUPT',
  says: 'does not hold what it should',
  hint: 'Has another program changed its tables?',
};

/** Whether another connection held a lock that this one needs. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(error.code);
}

/** What a user is told of an error of SQLite; any other error comes back as it is. */
export function failureOf(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const kind = isBusy(error) ? 'BUSY' : (error.code.split('_')[1] ?? '');
  const { code, says, hint } = Object.hasOwn(meanings, kind) ? (meanings[kind] as Meaning) : otherwise;
  return new OmniQError(code, `The SQLite database ${file} ${says}.`, { hint, cause: error, backend: 'sqlite', file });
}
