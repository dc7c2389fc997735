import { OmniQError, isOmniQError, type OmniQErrorCode } from '@omniq/core/storage';

interface Meaning {
  readonly code: OmniQErrorCode;
  readonly says: string;
  readonly hint: string;
}

const full: Meaning = {
  code: 'STORE_FULL',
  says: 'has no room left',
  hint: 'Free some disk space, or raise the quota; what is stored is whole.',
};
const forbidden: Meaning = {
  code: 'STORE_UNREACHABLE',
  says: 'cannot be written',
  hint: 'Check the rights of the folder and what is in it, and whether its file system is mounted read-only.',
};
const busy: Meaning = {
  code: 'STORE_BUSY',
  says: 'cannot be opened any further',
  hint: 'The process or the system has too many files open: raise the limit (ulimit -n).',
};

/** By the code of the system call that failed. */
const meanings: Readonly<Record<string, Meaning>> = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: forbidden,
  EMFILE: busy,
  ENFILE: busy,
  ENOENT: {
    code: 'STORE_UNREACHABLE',
    says: 'lacks something that was there',
    hint: 'Was the folder moved or cleared while it was open? Is its disk mounted?',
  },
  ENOTDIR: { code: 'STORE_UNREACHABLE', says: 'is not a folder', hint: 'Name another one.' },
  EIO: { code: 'STORE_UNREACHABLE', says: 'cannot be read or written', hint: 'Check the disk that it lives on.' },
};

const otherwise: Meaning = {
  code: 'STORE_FAILED',
  says: 'failed in an unknown way',
  hint: 'The cause tells what the system said.',
};

/** The code of a system call that failed, such as `ENOENT`; none if it is another error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What a user is told of an error of the file system; ours comes back as it is. */
export function failureOf(error: unknown, folder: string): OmniQError {
  if (isOmniQError(error)) return error;
  const known = codeOf(error) ?? '';
  const { code, says, hint } = Object.hasOwn(meanings, known) ? (meanings[known] as Meaning) : otherwise;
  return new OmniQError(code, `The folder ${folder} ${says}.`, { hint, cause: error, backend: 'file', folder });
}
