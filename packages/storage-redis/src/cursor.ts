import { OmniQError } from '@omniq/core/storage';

/** @throws OmniQError `INVALID_OPTION` for a cursor that is not one of ours */
export function decodeSeq(cursor: string): string {
  if (/^\d{1,16}$/.test(cursor)) return cursor;
  throw foreignCursor();
}

/** A member of a sorted set as a cursor. */
export function encodeMember(member: Buffer): string {
  return member.toString('base64url');
}

/** @throws OmniQError `INVALID_OPTION` unless it is a member that begins with `prefix` */
export function decodeMember(cursor: string, prefix: Buffer): Buffer {
  const member = Buffer.from(cursor, 'base64url');
  if (member.length <= 4_096 && member.subarray(0, prefix.length).equals(prefix)) return member;
  throw foreignCursor();
}

export function foreignCursor(): OmniQError {
  return new OmniQError('INVALID_OPTION', 'The cursor is not one that this store gave out.', {
    hint: 'Pass `next` of the page before, unchanged.',
  });
}
