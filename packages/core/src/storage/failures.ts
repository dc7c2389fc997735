import { OmniQError, isOmniQError, type OmniQErrorCode } from '../errors.ts';

// What drivers and the operating system call the things that every store can meet. Adapters know their own better and
// throw `STORE_*` themselves; this is for what slips through.
const codes: Readonly<Record<string, OmniQErrorCode>> = {
  ECONNREFUSED: 'STORE_UNREACHABLE',
  ECONNRESET: 'STORE_UNREACHABLE',
  ECONNABORTED: 'STORE_UNREACHABLE',
  ENOTCONN: 'STORE_UNREACHABLE',
  EPIPE: 'STORE_UNREACHABLE',
  ETIMEDOUT: 'STORE_UNREACHABLE',
  ENOTFOUND: 'STORE_UNREACHABLE',
  EAI_AGAIN: 'STORE_UNREACHABLE',
  EHOSTUNREACH: 'STORE_UNREACHABLE',
  ENETUNREACH: 'STORE_UNREACHABLE',
  EBUSY: 'STORE_BUSY',
  EAGAIN: 'STORE_BUSY',
  ENOSPC: 'STORE_FULL',
  EDQUOT: 'STORE_FULL',
};

/** An adapter's error as it is if it is ours, else under the `STORE_*` code that it comes closest to, as its cause. */
export function asStoreError(thrown: unknown, backend: string, verb: string): OmniQError {
  if (isOmniQError(thrown)) return thrown;
  const named: unknown =
    typeof thrown === 'object' && thrown !== null ? (thrown as { code?: unknown }).code : undefined;
  const code = typeof named === 'string' && Object.hasOwn(codes, named) ? codes[named] : undefined;
  return new OmniQError(code ?? 'STORE_FAILED', `The ${backend} store failed at ${verb}.`, {
    backend,
    verb,
    cause: thrown,
  });
}

/** Whether trying again may help. The outcome of what failed so is unknown: it may have been applied. */
export function isPassing(error: unknown): error is OmniQError {
  return isOmniQError(error, 'STORE_UNREACHABLE') || isOmniQError(error, 'STORE_BUSY');
}

/** The same failure, saying how often and how long it was tried. */
export function gaveUp(error: OmniQError, attempts: number, ms: number): OmniQError {
  return new OmniQError(error.code, error.message, {
    ...error.details,
    hint: `Is it up? Tried ${attempts} times in ${(ms / 1000).toFixed(1)} s.`,
    attempts,
    cause: error,
  });
}

export function unsupported(feature: string, backend: string): OmniQError {
  return new OmniQError('UNSUPPORTED', `The ${backend} store has no ${feature}.`, {
    hint: 'Its capabilities say what it has; do without, or choose another backend.',
    feature,
    backend,
  });
}

export function outOfBounds(what: string, value: unknown, rule: string): OmniQError {
  return new OmniQError('INVALID_OPTION', `${what} is ${shown(value)}.`, { hint: `It takes ${rule}.`, what });
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 48));
  return typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : value === null
      ? 'null'
      : `of type ${typeof value}`;
}

export function batchTooLarge(what: string, size: number, limit: number): OmniQError {
  return new OmniQError('BATCH_TOO_LARGE', `The batch has ${size} ${what}; one takes ${limit}.`, {
    hint: 'Send less at once, or use enqueueAll, which splits.',
    size,
    limit,
  });
}
