import { isOmniQError } from '@omniq/core';
import type { Outcome } from './record.ts';

/** A refusal by one of our own codes had no effect; whatever a store or its driver throws may have had one. */
export function failedAs(error: unknown): Outcome {
  const code = isOmniQError(error) ? error.code : undefined;
  const definite = code !== undefined && !code.startsWith('STORE_');
  return { phase: definite ? 'fail' : 'unknown', error: code ?? (error instanceof Error ? error.message : 'thrown') };
}
