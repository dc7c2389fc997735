import { packr } from './packr.ts';

/** Deeper than anything that we write. */
const MOST_DEPTH = 16;
/** How `undefined` is written; no other extension is. */
const UNDEFINED = 0xd4_00_00;

/**
 * Reads msgpack that anybody may have written: nothing is made of a length that the bytes cannot hold, and of what an
 * extension would build.
 * @throws TypeError where it is no such msgpack
 */
export function unpackBounded(bytes: Uint8Array): unknown {
  assertBounded(bytes);
  return packr.unpack(bytes);
}

/** Walks over the values without making them: a value takes a byte at least, so what is announced must be there. */
function assertBounded(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** How many values are still to come, for each array or map that is open. */
  const open: number[] = [1];
  let at = 0;
  while (open.length > 0) {
    const left = open.at(-1) as number;
    if (left === 0) {
      open.pop();
      continue;
    }
    open[open.length - 1] = left - 1;
    const [inside, next] = headAt(view, at);
    at = next;
    if (at > bytes.length || inside > bytes.length - at || open.length > MOST_DEPTH) throw new TypeError('cut msgpack');
    if (inside > 0) open.push(inside);
  }
  if (at !== bytes.length) throw new TypeError('bytes after the end');
}

/** How many values lie within the value at this place, and where what follows its head, text or bytes begins. */
function headAt(view: DataView, at: number): readonly [inside: number, next: number] {
  const head = view.getUint8(at);
  if (head <= 0x7f || head >= 0xe0) return [0, at + 1];
  if (head <= 0x8f) return [2 * (head & 15), at + 1];
  if (head <= 0x9f) return [head & 15, at + 1];
  if (head <= 0xbf) return [0, at + 1 + (head & 31)];
  if (head >= 0xcc && head <= 0xd3) return [0, at + 1 + (1 << (head & 3))];
  switch (head) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return [0, at + 1];
    case 0xc4:
    case 0xd9:
      return [0, at + 2 + view.getUint8(at + 1)];
    case 0xc5:
    case 0xda:
      return [0, at + 3 + view.getUint16(at + 1)];
    case 0xc6:
    case 0xdb:
      return [0, at + 5 + view.getUint32(at + 1)];
    case 0xca:
      return [0, at + 5];
    case 0xcb:
      return [0, at + 9];
    case 0xdc:
      return [view.getUint16(at + 1), at + 3];
    case 0xdd:
      return [view.getUint32(at + 1), at + 5];
    case 0xde:
      return [2 * view.getUint16(at + 1), at + 3];
    case 0xdf:
      return [2 * view.getUint32(at + 1), at + 5];
    default:
      if (head === 0xd4 && ((head << 16) | view.getUint16(at + 1)) === UNDEFINED) return [0, at + 3];
      throw new TypeError('an extension of msgpack');
  }
}
