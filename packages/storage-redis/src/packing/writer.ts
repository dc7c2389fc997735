const FIRST_SIZE = 4_096;

/** Writes numbers and texts one after the other into one buffer, which grows. Little-endian, as the functions read it. */
export class Writer {
  #bytes: Buffer;
  #at = 0;

  constructor(size: number = FIRST_SIZE) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  get length(): number {
    return this.#at;
  }

  byte(value: number): this {
    this.#room(1);
    this.#bytes[this.#at] = value;
    this.#at += 1;
    return this;
  }

  /** 0 to 65,535. */
  short(value: number): this {
    this.#room(2);
    this.#at = this.#bytes.writeUInt16LE(value, this.#at);
    return this;
  }

  /** -32,768 to 32,767. */
  signed(value: number): this {
    this.#room(2);
    this.#at = this.#bytes.writeInt16LE(value, this.#at);
    return this;
  }

  /** 0 to 2^32 - 1. */
  count(value: number): this {
    this.#room(4);
    this.#at = this.#bytes.writeUInt32LE(value, this.#at);
    return this;
  }

  double(value: number): this {
    this.#room(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
    return this;
  }

  /** 0 to 65,535, big-endian: bytes sort as the numbers do. */
  sortedShort(value: number): this {
    this.#room(2);
    this.#at = this.#bytes.writeUInt16BE(value, this.#at);
    return this;
  }

  /** Not negative, big-endian: bytes sort as the numbers do. */
  sortedDouble(value: number): this {
    this.#room(8);
    this.#at = this.#bytes.writeDoubleBE(value, this.#at);
    return this;
  }

  /** A text of at most 65,535 bytes, after their number. */
  text(value: string): this {
    this.#room(2 + value.length * 3);
    const length = this.#bytes.write(value, this.#at + 2);
    this.#bytes.writeUInt16LE(length, this.#at);
    this.#at += 2 + length;
    return this;
  }

  /** Bytes after their number. */
  block(value: Uint8Array): this {
    this.count(value.length);
    return this.raw(value);
  }

  raw(value: Uint8Array): this {
    this.#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** Leaves room for a count that {@link fill} writes. */
  hole(): number {
    this.count(0);
    return this.#at - 4;
  }

  /** Writes into a hole how many bytes have followed it. */
  fill(hole: number): void {
    this.#bytes.writeUInt32LE(this.#at - hole - 4, hole);
  }

  /** Leaves room for a short that {@link fillSmall} writes. */
  smallHole(): number {
    this.short(0);
    return this.#at - 2;
  }

  fillSmall(hole: number, value: number): void {
    this.#bytes.writeUInt16LE(value, hole);
  }

  /** What was written. The writer is not to be used any more. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #room(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + size));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
