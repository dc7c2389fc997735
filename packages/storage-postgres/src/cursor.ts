import { OmniQError } from '@omniq/core/storage';

/** The place after which the next page starts: whole numbers, then perhaps a text. */
export function encodeCursor(...numbers: readonly number[]): string {
  return numbers.join('.');
}

/** @throws OmniQError `INVALID_OPTION` for a cursor that is not one of ours */
export function decodeCursor(cursor: string, count: number): number[] {
  const numbers = cursor.split('.').map(Number);
  if (/^-?\d{1,16}(\.-?\d{1,16})*$/.test(cursor) && numbers.length === count) return numbers;
  throw new OmniQError('INVALID_OPTION', 'The cursor is not one that this store gave out.', {
    hint: 'Pass `next` of the page before, unchanged.',
  });
}
