import { outOfBounds } from '../failures.ts';

/** The range of `Date`, in epoch ms. */
const MAX_INSTANT = 8.64e15;

export function checkInstant(value: number, what: string): void {
  if (typeof value !== 'number' || !(Math.abs(value) <= MAX_INSTANT)) {
    throw outOfBounds(what, value, 'epoch milliseconds');
  }
}

export function checkOptionalInstant(value: number | null, what: string): void {
  if (value !== null) checkInstant(value, what);
}

export function checkPriority(value: number): void {
  if (!Number.isInteger(value) || value < -1000 || value > 1000) {
    throw outOfBounds('priority', value, 'an integer from -1000 to 1000');
  }
}

export function checkCount(value: number, what: string, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw outOfBounds(
      what,
      value,
      max === Number.MAX_SAFE_INTEGER ? `an integer from ${min}` : `an integer from ${min} to ${max}`,
    );
  }
}

/** Returns their number. */
export function checkBytes(value: Uint8Array | null, what: string): number {
  if (value === null) return 0;
  if (value instanceof Uint8Array) return value.length;
  throw outOfBounds(what, value, 'a Uint8Array or null');
}
