/** Every code an {@link OmniQError} can carry, with what it means. Callers branch on the code, never on the text. */
export const errorCodes = {
  // What the caller gave
  INVALID_INPUT: 'The task refused its input: its schema, or the codec, says why.',
  INVALID_OPTION: 'An option has a wrong type or value.',
  INVALID_NAME: 'A name, id or key is empty, too long, or has characters that are not carried.',
  INVALID_CONFIG: 'A configuration source has a wrong key or value.',
  PAYLOAD_TOO_LARGE: 'A payload, result or batch is over its byte limit.',
  PAYLOAD_UNSUPPORTED: 'A value cannot be carried: a function, a class instance, a cycle without a signing key.',
  PAYLOAD_REFUSED: 'Stored bytes were not decoded: unknown format, bad signature, or over a limit.',
  BATCH_TOO_LARGE: 'More rows or bytes than one atomic insert takes; enqueueAll splits them.',
  TASK_UNNAMED: 'A plain function was given that no name is known for.',
  TASK_UNKNOWN: 'No worker in this process knows a task of this name.',
  TASK_NOT_FOUND: 'No task has this id.',
  CYCLE: 'Tasks would wait for each other.',
  PARENT_UNKNOWN: 'A task waits for one that does not exist.',
  DUPLICATE: 'A unique key is held by another live task.',
  TOO_LATE: 'The insert came after its admission deadline; whether an earlier try landed can be read from the id.',
  CONFLICT: 'The task is not in a state that allows this.',
  UNSUPPORTED: 'The chosen backend cannot do this; its capabilities say so.',
  // What happened to a run
  TASK_FAILED: 'The task ended in failure; the cause carries its error.',
  TASK_CANCELLED: 'The task was cancelled.',
  TASK_EXPIRED: 'The task was not started before its time to live ended.',
  RESULT_TIMEOUT: 'The result did not come within the time given; the task goes on.',
  RESULT_EXPIRED: 'The task ended and its result has been removed since.',
  LEASE_LOST: 'Another worker holds the task now; what this run wrote was refused.',
  COMPLETE_ROLLED_BACK: 'The handler ended, but the transaction that completes the task was not committed.',
  RUN_TIMEOUT: 'The run took longer than its timeout.',
  WORKER_STOPPED: 'The worker stopped before the run ended; the task was handed back.',
  SESSION_ENDED: 'The worker was silent for a full lease and its session was ended.',
  // What happened to a store
  STORE_UNREACHABLE: 'The backend does not answer.',
  STORE_BUSY: 'The backend is locked by others for too long.',
  STORE_FULL: 'The backend has no room left.',
  STORE_CORRUPT: 'The backend holds something that is not ours or is damaged.',
  STORE_FAILED: 'The backend failed in a way that its adapter does not know; the cause tells.',
  STORE_CLOSED: 'The store was closed.',
  STORE_VERSION: 'The stored schema is newer or older than this version can use.',
  CLOCK_SKEW: "This machine's clock is ahead of the backend's.",
  // What is missing
  BACKEND_UNKNOWN: 'No backend opens this URL.',
  BACKEND_MISSING: 'The package of this backend is not installed.',
  CONTRACT_MISMATCH: 'The backend was written for another version of the storage contract.',
} as const;

export type OmniQErrorCode = keyof typeof errorCodes;

/** What an {@link OmniQError} tells besides its code. */
export interface OmniQErrorDetails {
  /** What to do about it, in one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Ids, names, sizes: whatever identifies the input. Never secrets, never payloads. */
  readonly [detail: string]: unknown;
}

/** The one error class of OmniQ. `code` is stable; the message names the input and the remedy. */
export class OmniQError extends Error {
  override readonly name = 'OmniQError';
  readonly code: OmniQErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: OmniQErrorCode, message: string, { hint, cause, ...details }: OmniQErrorDetails = {}) {
    super(hint === undefined ? message : `${message} ${hint}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = details;
  }
}

/** Tells whether `error` is ours, and of this code if one is given; holds across two copies of the package. */
export function isOmniQError<C extends OmniQErrorCode>(error: unknown, code?: C): error is OmniQError & { code: C } {
  if (!(error instanceof Error) || error.name !== 'OmniQError') return false;
  return code === undefined || (error as OmniQError).code === code;
}
