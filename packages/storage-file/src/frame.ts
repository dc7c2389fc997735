import { crc32 } from 'node:zlib';

/** What a file holds; the first bytes of the file say so. */
export type FrameKind = 'entry' | 'snapshot' | 'record' | 'result';

export type FrameFault = 'torn' | 'damaged' | 'foreign';

/** Kind and version (4 bytes), crc32 of all that follows (4), length of the content (8), its number (8). */
export const FRAME_BYTES = 24;

const magic: Readonly<Record<FrameKind, string>> = { entry: 'OQE1', snapshot: 'OQS1', record: 'OQR1', result: 'OQV1' };

/**
 * The head of a file that holds `content` under a number: the position that a snapshot stands for, else 0. An entry is
 * written before it has one.
 */
export function frameHead(kind: FrameKind, number: number, content: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.alloc(FRAME_BYTES);
  head.write(magic[kind], 0, 'latin1');
  head.writeBigUInt64LE(BigInt(content.reduce((sum, { length }) => sum + length, 0)), 8);
  head.writeBigUInt64LE(BigInt(number), 16);
  head.writeUInt32LE(sumOf(head, content), 4);
  return head;
}

/** The content of a file, or what is wrong with it. */
export function unframe(kind: FrameKind, number: number, file: Uint8Array): Uint8Array | FrameFault {
  const fault = headFault(kind, number, file, file.length);
  if (fault !== null) return fault;
  const view = Buffer.from(file.buffer, file.byteOffset, file.length);
  const content = view.subarray(FRAME_BYTES);
  return view.readUInt32LE(4) === sumOf(view, [content]) ? content : 'damaged';
}

/** What the head alone tells is wrong with a file of `size` bytes. */
export function headFault(kind: FrameKind, number: number, head: Uint8Array, size: number): FrameFault | null {
  if (head.length < FRAME_BYTES) return 'torn';
  const view = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (view.toString('latin1', 0, 4) !== magic[kind]) return isBlank(view) ? 'torn' : 'foreign';
  const length = view.readBigUInt64LE(8) + BigInt(FRAME_BYTES);
  if (length !== BigInt(size)) return length > BigInt(size) ? 'torn' : 'damaged';
  return view.readBigUInt64LE(16) === BigInt(number) ? null : 'damaged';
}

/** A file that got its length on the disk, but not its bytes. */
function isBlank(view: Buffer): boolean {
  return view.subarray(0, FRAME_BYTES).every((byte) => byte === 0);
}

function sumOf(head: Buffer, content: readonly Uint8Array[]): number {
  return content.reduce((sum, part) => crc32(part, sum), crc32(head.subarray(8, FRAME_BYTES)));
}
