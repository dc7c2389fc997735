import { OmniQError } from '../errors.ts';
import { subjectOf, type PayloadContext } from './context.ts';

/** Stored bytes that are not decoded, and why. Says whose they are, never what is in them. */
export function refused(
  context: PayloadContext,
  why: string,
  transform?: string,
  hint?: string,
  cause?: unknown,
): OmniQError {
  return new OmniQError('PAYLOAD_REFUSED', `The stored ${context.kind} of ${context.name} was not decoded: ${why}.`, {
    ...subjectOf(context),
    ...(transform === undefined ? {} : { transform }),
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
