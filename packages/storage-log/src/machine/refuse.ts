import type { OmniQErrorCode } from '@omniq/core/storage';
import type { Refusal } from './command.ts';

/** Thrown inside the machine, and turned into an outcome where its verbs end. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export function refuse(code: OmniQErrorCode, message: string, details: Refusal['details'] = {}): Refused {
  return new Refused({ code, message, details });
}
