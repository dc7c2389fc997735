import { OmniQError, type OmniQErrorCode } from '@omniq/core/storage';

interface Meaning {
  readonly code: OmniQErrorCode;
  readonly says: string;
  readonly hint: string;
}

const gone: Meaning = {
  code: 'STORE_UNREACHABLE',
  says: 'does not answer',
  hint: 'Is the server up, and may this user connect?',
};
const busy: Meaning = {
  code: 'STORE_BUSY',
  says: 'was locked by another transaction for too long',
  hint: 'Look for a long transaction in pg_stat_activity, or raise lockTimeout.',
};
const full: Meaning = {
  code: 'STORE_FULL',
  says: 'has no room left',
  hint: 'Free some disk space or memory; nothing was written.',
};
const readOnly: Meaning = {
  code: 'STORE_UNREACHABLE',
  says: 'cannot be written',
  hint: 'Is this a standby, or was it until now? Name the primary.',
};
const foreign: Meaning = {
  code: 'STORE_CORRUPT',
  says: 'does not hold what it should',
  hint: 'Has another program changed or dropped the tables of this schema?',
};
const damaged: Meaning = { code: 'STORE_CORRUPT', says: 'is damaged', hint: 'Restore a backup.' };
const large: Meaning = {
  code: 'PAYLOAD_TOO_LARGE',
  says: 'does not take a value of this size',
  hint: 'Store it elsewhere.',
};

/** By SQLSTATE, or the first two characters of it, which are its class. */
const meanings: Readonly<Record<string, Meaning>> = {
  '08': gone,
  '28': { ...gone, says: 'does not let this user in', hint: 'Check user and password in the URL.' },
  '3D': { ...gone, says: 'has no such database', hint: 'Create it, or name another one in the URL.' },
  '57P01': gone,
  '57P02': gone,
  '57P03': gone,
  '57P04': gone,
  '57P05': gone,
  '57014': { ...busy, says: 'took too long over a statement', hint: 'Look for locks, or raise statementTimeout.' },
  '25006': readOnly,
  '42501': { ...gone, says: 'does not allow this user that', hint: 'Grant it, or let a migration run as the owner.' },
  '40': busy,
  '55P03': busy,
  '55006': busy,
  '53300': { ...gone, says: 'has no connection left', hint: 'Lower poolSize, raise max_connections or use a pooler.' },
  '53': full,
  '54': large,
  '22P05': foreign,
  '3F': foreign,
  '42': foreign,
  '58030': { ...gone, says: 'cannot read or write its files', hint: 'Check the disk of the server.' },
  XX001: damaged,
  XX002: damaged,
};

/** What a user is told of an error of the server or of the way to it; ours comes back as it is. */
export function failureOf(error: unknown, server: string): unknown {
  if (error instanceof OmniQError) return error;
  const { code = '', detail } = innermost(error);
  if (code === 'OQ001') return skewed(Number(detail), error);
  const meaning = meaningOf(String(code), error);
  if (meaning === undefined) return error;
  return new OmniQError(meaning.code, `The PostgreSQL server ${server} ${meaning.says}.`, {
    hint: meaning.hint,
    cause: error,
    backend: 'postgres',
    server,
  });
}

/** The SQLSTATE of an error, or that of its cause. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code } = innermost(error);
  return typeof code === 'string' ? code : undefined;
}

/** The constraint that an error names. */
export function constraintOf(error: unknown): string | undefined {
  return innermost(error).constraint;
}

const MAX_DEPTH = 8;

/** What the driver threw, under what query builders, and we, put around it. */
function innermost(error: unknown): FailureFields {
  let found = error;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const { code, cause } = fieldsOf(found);
    if ((typeof code === 'string' && !(found instanceof OmniQError)) || cause === undefined) break;
    found = cause;
  }
  return fieldsOf(found);
}

function fieldsOf(error: unknown): FailureFields {
  return typeof error === 'object' && error !== null ? error : {};
}

interface FailureFields {
  readonly code?: string;
  readonly detail?: string;
  readonly constraint?: string;
  readonly cause?: unknown;
}

function meaningOf(code: string, error: unknown): Meaning | undefined {
  if (Object.hasOwn(meanings, code)) return meanings[code];
  const kind = code.slice(0, 2);
  if (code.length === 5 && Object.hasOwn(meanings, kind)) return meanings[kind];
  if (/^E[A-Z]{3,}$/.test(code)) return gone;
  // The driver has no codes for what happens on its own side.
  return error instanceof Error && lostConnection.test(error.message) ? gone : undefined;
}

const lostConnection =
  /Connection terminated|Client has encountered a connection error|connection is closed|not queryable|timeout|server closed|Cannot use a pool after/i;

function skewed(time: number, cause: unknown): OmniQError {
  return new OmniQError('CLOCK_SKEW', "The time given is more than a second ahead of the store's.", {
    hint: "Synchronise this machine's clock.",
    time,
    cause,
  });
}
