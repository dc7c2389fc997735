import { OmniQError } from '@omniq/core/storage';
import { readFile } from './disk.ts';
import { FRAME_BYTES, frameHead, unframe, type FrameKind } from './frame.ts';

/** What a file holds, and whose it is: its name may be a hash, or belong to a file that was moved by hand. */
export interface Labelled {
  readonly label: string;
  readonly value: Uint8Array;
}

/** The largest value that is read back. */
const MAX_BYTES = 1_073_741_824;

export function framed(kind: FrameKind, number: number, { label, value }: Labelled): readonly Uint8Array[] {
  const name = Buffer.from(label);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(name.length);
  return [frameHead(kind, number, [length, name, value]), length, name, value];
}

/**
 * `undefined` where there is no file.
 * @throws OmniQError `STORE_CORRUPT`
 */
export function readLabelled(path: string, kind: FrameKind, number: number): Labelled | undefined {
  const file = readFile(path, MAX_BYTES + FRAME_BYTES);
  if (file === undefined) return undefined;
  const content = file === null ? 'foreign' : unframe(kind, number, file);
  if (typeof content === 'string' || content.length < 4) throw spoilt(path, String(content));
  const view = Buffer.from(content.buffer, content.byteOffset, content.length);
  const end = 4 + view.readUInt32LE(0);
  if (end > view.length) throw spoilt(path, 'damaged');
  return { label: view.toString('utf8', 4, end), value: view.subarray(end) };
}

export function spoilt(file: string, fault: string): OmniQError {
  return new OmniQError('STORE_CORRUPT', `The file ${file} is ${fault}.`, {
    hint: 'Restore it from a backup, or remove it: what it held is lost then. Check the disk.',
    backend: 'file',
    file,
    fault,
  });
}
