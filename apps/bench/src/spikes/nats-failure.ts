import { errors } from '@nats-io/transport-node';
import { OmniQError, isOmniQError } from '@omniq/core/storage';

/** What the client throws, as the contract names it. */
export function asStoreError(cause: unknown): OmniQError {
  if (isOmniQError(cause)) return cause;
  const { ClosedConnectionError, ConnectionError, DrainingConnectionError, RequestError, TimeoutError } = errors;
  const unreachable = [ClosedConnectionError, ConnectionError, DrainingConnectionError, RequestError, TimeoutError];
  const code = unreachable.some((kind) => cause instanceof kind) ? 'STORE_UNREACHABLE' : 'STORE_FAILED';
  const told = cause instanceof Error ? cause.message : String(cause);
  return new OmniQError(code, `NATS answered: ${told}.`, { cause, backend: 'nats' });
}

/** Somebody else wrote there since. */
export function isWrongSequence(error: unknown): boolean {
  return (error as { code?: unknown }).code === 10_071;
}
