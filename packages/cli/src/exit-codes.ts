import type { OmniQErrorCode } from '@omniq/omniq';

/** What the command's status means. Scripts may rely on it. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  unreachable: 4,
  taskFailed: 5,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** For `--help`. */
export const exitCodeHelp = `Exit codes:
  0    done
  1    failed
  2    wrong usage or configuration
  3    not found
  4    backend unreachable
  5    the task failed, was cancelled or expired (enqueue --wait)
  130  stopped by SIGINT (Ctrl-C)
  143  stopped by SIGTERM`;

const { failure, usage, notFound, unreachable, taskFailed } = exitCodes;

/** Every code has its place here: a new one does not compile until it is given one. */
const byCode: Readonly<Record<OmniQErrorCode, ExitCode>> = {
  INVALID_INPUT: usage,
  INVALID_OPTION: usage,
  INVALID_NAME: usage,
  INVALID_CONFIG: usage,
  PAYLOAD_TOO_LARGE: usage,
  PAYLOAD_UNSUPPORTED: usage,
  PAYLOAD_REFUSED: failure,
  BATCH_TOO_LARGE: usage,
  TASK_UNNAMED: usage,
  TASK_UNKNOWN: usage,
  TASK_NOT_FOUND: notFound,
  CYCLE: usage,
  PARENT_UNKNOWN: notFound,
  DUPLICATE: failure,
  TOO_LATE: failure,
  CONFLICT: failure,
  UNSUPPORTED: usage,
  TASK_FAILED: taskFailed,
  TASK_CANCELLED: taskFailed,
  TASK_EXPIRED: taskFailed,
  RESULT_TIMEOUT: failure,
  RESULT_EXPIRED: failure,
  LEASE_LOST: failure,
  COMPLETE_ROLLED_BACK: failure,
  RUN_TIMEOUT: failure,
  WORKER_STOPPED: failure,
  SESSION_ENDED: failure,
  STORE_UNREACHABLE: unreachable,
  STORE_BUSY: unreachable,
  STORE_FULL: failure,
  STORE_CORRUPT: failure,
  STORE_FAILED: failure,
  STORE_CLOSED: failure,
  STORE_VERSION: failure,
  CLOCK_SKEW: failure,
  BACKEND_UNKNOWN: usage,
  BACKEND_MISSING: failure,
  CONTRACT_MISMATCH: failure,
};

/** The exit code for an error code, `failure` for one that is not known. */
export function exitCodeOf(code: string): ExitCode {
  return Object.hasOwn(byCode, code) ? byCode[code as OmniQErrorCode] : failure;
}
