import type { PayloadLimits } from './limits.ts';

/**
 * Reads through MessagePack without building anything. Returns why it must not be decoded, or `undefined`: truncated or
 * too long, too many values, too deep, extension types but `undefined`, keys other than strings, `__proto__`.
 *
 * @param start where the value begins
 */
export function scanMsgpack(bytes: Uint8Array, limits: PayloadLimits, start = 0): string | undefined {
  const scan = new Scan(bytes, limits, start);
  if (!scan.value(0)) return scan.fault;
  return scan.position === bytes.length ? undefined : `${bytes.length - scan.position} bytes follow the value`;
}

class Scan {
  position: number;
  fault = 'it ends too early';
  readonly #bytes: Uint8Array;
  readonly #limits: PayloadLimits;
  #nodes = 1;

  constructor(bytes: Uint8Array, limits: PayloadLimits, start: number) {
    this.position = start;
    this.#bytes = bytes;
    this.#limits = limits;
  }

  value(depth: number): boolean {
    if (this.position >= this.#bytes.length) return false;
    const token = this.#bytes[this.position++] as number;
    if (token < 0x80 || token >= 0xe0) return true;
    if (token < 0x90) return this.#map(token & 0x0f, depth);
    if (token < 0xa0) return this.#array(token & 0x0f, depth);
    if (token < 0xc0) return this.#skip(token & 0x1f);
    return this.#long(token, depth);
  }

  #long(token: number, depth: number): boolean {
    switch (token) {
      case 0xc0: // nil, false, true
      case 0xc2:
      case 0xc3:
        return true;
      case 0xcc: // 8, 16, 32 and 64 bits
      case 0xd0:
        return this.#skip(1);
      case 0xcd:
      case 0xd1:
        return this.#skip(2);
      case 0xca:
      case 0xce:
      case 0xd2:
        return this.#skip(4);
      case 0xcb:
      case 0xcf:
      case 0xd3:
        return this.#skip(8);
      case 0xc4: // bin and str
      case 0xd9:
        return this.#skip(this.#length(1));
      case 0xc5:
      case 0xda:
        return this.#skip(this.#length(2));
      case 0xc6:
      case 0xdb:
        return this.#skip(this.#length(4));
      case 0xdc:
        return this.#array(this.#length(2), depth);
      case 0xdd:
        return this.#array(this.#length(4), depth);
      case 0xde:
        return this.#map(this.#length(2), depth);
      case 0xdf:
        return this.#map(this.#length(4), depth);
      default:
        return this.#undefined(token);
    }
  }

  /** The one extension there is: `d4 00 00`. */
  #undefined(token: number): boolean {
    const isKnown = token === 0xd4 && this.#bytes[this.position] === 0 && this.#bytes[this.position + 1] === 0;
    return isKnown ? this.#skip(2) : this.#fail('it has a type that is not carried');
  }

  #array(length: number, depth: number): boolean {
    if (!this.#enter(length, length, depth)) return false;
    for (let index = 0; index < length; index++) if (!this.value(depth + 1)) return false;
    return true;
  }

  #map(length: number, depth: number): boolean {
    if (!this.#enter(length, length * 2, depth)) return false;
    for (let index = 0; index < length; index++) if (!this.#key() || !this.value(depth + 1)) return false;
    return true;
  }

  /** Before the first of its values is read, so that a length alone costs nothing. */
  #enter(nodes: number, leastBytes: number, depth: number): boolean {
    if (depth >= this.#limits.maxDepth) return this.#fail(`it nests deeper than ${this.#limits.maxDepth}`);
    if (leastBytes > this.#bytes.length - this.position) return false;
    this.#nodes += nodes;
    return this.#nodes <= this.#limits.maxNodes || this.#fail(`it has more than ${this.#limits.maxNodes} values`);
  }

  #key(): boolean {
    if (this.position >= this.#bytes.length) return false;
    const token = this.#bytes[this.position++] as number;
    const isShort = token >= 0xa0 && token < 0xc0;
    if (!isShort && (token < 0xd9 || token > 0xdb)) return this.#fail('it has a key that is not a string');
    const length = isShort ? token & 0x1f : this.#length(token === 0xd9 ? 1 : token === 0xda ? 2 : 4);
    const start = this.position;
    if (!this.#skip(length)) return false;
    return length !== PROTO.length || !this.#isProto(start) || this.#fail('it has a key __proto__');
  }

  #isProto(start: number): boolean {
    for (let index = 0; index < PROTO.length; index++) if (this.#bytes[start + index] !== PROTO[index]) return false;
    return true;
  }

  /** Past the end it is longer than any payload, so that skipping it fails. */
  #length(size: 1 | 2 | 4): number {
    let length = 0;
    for (let index = 0; index < size; index++) length = length * 256 + (this.#bytes[this.position++] ?? 0xff);
    return length;
  }

  #skip(length: number): boolean {
    this.position += length;
    return this.position <= this.#bytes.length;
  }

  #fail(why: string): false {
    this.fault = why;
    return false;
  }
}

const PROTO: Uint8Array = new TextEncoder().encode('__proto__');
