import { crc32 } from 'node:zlib';
import { toBytesColumn, type BytesColumn } from '../columns/bytes-column.ts';
import { packr } from '../columns/packr.ts';
import { Piece, type Bytes } from './piece.ts';

/** What a snapshot is put together from: msgpack, piece by piece, so that no step has to touch all of it. */
export class SnapshotParts {
  /** So many rows of a table make a chunk. */
  readonly rows: number;
  readonly parts: Uint8Array[] = [];
  /** Keys of the packs that hold any of the bytes that went by. */
  readonly packs: Set<string> = new Set();
  #crc = 0;

  constructor(rows: number) {
    this.rows = rows;
  }

  /** An array follows, of so many values. */
  list(length: number): void {
    this.#add(head(0xdd, length));
  }

  value(value: unknown): void {
    this.#add(packr.pack(value));
  }

  /** A value as msgpack within msgpack: it is read when its turn comes. */
  inner(value: unknown): void {
    const packed = packr.pack(value);
    this.#add(head(0xc6, packed.length));
    this.#add(packed);
  }

  /** The checksum of all that went before. */
  seal(): void {
    const end = Buffer.alloc(4);
    end.writeUInt32BE(this.#crc);
    this.parts.push(end);
  }

  /** All bytes in the snapshot itself, but for those that lie in packs. */
  bytes(values: readonly (Bytes | null)[]): BytesColumn {
    for (const value of values)
      if (value instanceof Piece && typeof value.source === 'string') this.packs.add(value.source);
    return toBytesColumn(values, null);
  }

  #add(part: Uint8Array): void {
    this.parts.push(part);
    this.#crc = crc32(part, this.#crc);
  }
}

function head(kind: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(5, kind);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}
