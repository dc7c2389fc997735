import { decodeCursor } from './cursor.ts';

/** A place in the order of due time, then id. */
export function encodeDue(dueAt: number, id: string): string {
  return `${dueAt}:${id}`;
}

/** @throws OmniQError `INVALID_OPTION` for a cursor that is not one of ours */
export function decodeDue(cursor: string): [dueAt: number, id: string] {
  const colon = cursor.indexOf(':');
  const [dueAt] = decodeCursor(cursor.slice(0, Math.max(0, colon)), 1) as [number];
  return [dueAt, cursor.slice(colon + 1)];
}
