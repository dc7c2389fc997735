import { OmniQError } from '../errors.ts';

/** What a store has to carry: `length` in UTF-16 units, `bytes` in UTF-8. */
export interface NameBounds {
  readonly length: number;
  readonly bytes: number;
}

/** Bounds of task ids, correlation ids and session ids. */
export const idBounds: NameBounds = { length: 128, bytes: 256 };
/** Bounds of queue, task, schedule and limit names. */
export const nameBounds: NameBounds = { length: 128, bytes: 256 };
/** Bounds of unique, ordering and limit keys. */
export const keyBounds: NameBounds = { length: 512, bytes: 1024 };

// Nearly all names are short printable ASCII: one test and done.
const plainShort = /^[\x20-\x7e]{1,128}$/;
const plainLong = /^[\x20-\x7e]{1,512}$/;

/** @throws OmniQError `INVALID_NAME` unless it is an id of at most 128 characters. `what` names it in the message. */
export function checkId(value: unknown, what = 'id'): string {
  return typeof value === 'string' && plainShort.test(value) ? value : check(value, what, idBounds);
}

/** @throws OmniQError `INVALID_NAME` unless it is a queue or task name of at most 128 characters. */
export function checkName(value: unknown, what = 'name'): string {
  return typeof value === 'string' && plainShort.test(value) ? value : check(value, what, nameBounds);
}

/** @throws OmniQError `INVALID_NAME` unless it is a unique, ordering or limit key of at most 512 characters. */
export function checkKey(value: unknown, what = 'key'): string {
  return typeof value === 'string' && plainLong.test(value) ? value : check(value, what, keyBounds);
}

function check(value: unknown, what: string, bounds: NameBounds): string {
  const fault = faultOf(value, bounds);
  if (fault === undefined) return value as string;
  throw new OmniQError('INVALID_NAME', `The ${what} ${shown(value)} ${fault}.`, {
    hint: `It takes 1 to ${bounds.length} characters, at most ${bounds.bytes} bytes of UTF-8, none of them a control character.`,
    what,
  });
}

function faultOf(value: unknown, bounds: NameBounds): string | undefined {
  if (typeof value !== 'string') return `is ${value === null ? 'null' : `of type ${typeof value}`}, not a string`;
  if (value === '') return 'is empty';
  if (value.length > bounds.length) return `has ${value.length} characters`;
  const control = value.search(controls);
  if (control >= 0) return `has a control character at ${control}`;
  if (!value.isWellFormed()) return 'has half of a surrogate pair, which no store carries';
  const bytes = Buffer.byteLength(value);
  return bytes > bounds.bytes ? `takes ${bytes} bytes` : undefined;
}

// NUL ends strings in some stores, the others garble logs and terminals.
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f-\u009f]/;
// oxlint-disable-next-line no-control-regex
const unshowable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}|\p{Bidi_Control}/gu;

const MAX_SHOWN = 48;

/** Short, on one line, safe in a terminal: what a message may say of a hostile name. */
function shown(value: unknown): string {
  if (typeof value !== 'string') return '';
  const cut = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
  return `"${cut.replaceAll(unshowable, (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0'))}"`;
}
