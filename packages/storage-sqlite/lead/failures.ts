import { OmniQError, type OmniQErrorCode } from '@omniq/core/storage';

/** Primary result codes of SQLite by what they mean to the caller. */
const codes: readonly (readonly [RegExp, OmniQErrorCode, string])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, 'STORE_BUSY', 'Another process holds the file; raise busyTimeout if its transactions are long.'],
  [/^SQLITE_FULL/, 'STORE_FULL', 'Free disk space; nothing was written.'],
  [/^SQLITE_(CORRUPT|NOTADB)/, 'STORE_CORRUPT', 'The file is damaged or no SQLite database; restore it from a backup.'],
  [/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/, 'STORE_UNREACHABLE', 'Does the folder exist, and may this process write there?'],
  [/^SQLITE_IOERR/, 'STORE_UNREACHABLE', 'The disk does not answer.'],
];

/** What SQLite threw, as an error of ours; ours pass through. */
export function failure(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error.name === 'OmniQError') return error;
  if (error instanceof TypeError && /database connection is not open/i.test(error.message)) {
    return new OmniQError('STORE_CLOSED', `The SQLite store ${file} is closed.`, { backend: 'sqlite' });
  }
  const { code } = error as Error & { code?: unknown };
  const known = typeof code === 'string' ? codes.find(([pattern]) => pattern.test(code)) : undefined;
  if (known === undefined) return error;
  const [, meaning, hint] = known;
  return new OmniQError(meaning, `SQLite (${String(code)}) on ${file}: ${error.message}.`, { hint, cause: error, backend: 'sqlite' });
}
