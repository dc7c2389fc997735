import { OmniQError } from '@omniq/core/storage';
import { packr } from '../columns/packr.ts';
import { unpackBounded } from '../columns/unpack-bounded.ts';
import type { Steps } from '../machine/steps.ts';

const FORMAT = 1;

/** What a snapshot says besides the machine. */
export interface StateHeader {
  readonly position: number;
  readonly time: number;
  readonly version: number;
  readonly digest: number;
  /** Id, last request, time of it, newest fold version known. */
  readonly writers: readonly (readonly [string, number, number, number])[];
  /** Position, size and time of the snapshots told of, oldest first, and the bytes of the log since. */
  readonly marks: readonly (readonly [number, number, number])[];
  readonly grown: number;
  /** Entries before this position are not needed any more. */
  readonly trimmable: number;
  /** Entries whose bytes lie beside the log: position and key. */
  readonly pointers: readonly (readonly [number, string])[];
}

/** What can be copied in one step. */
const COPIED_BYTES = 4 * 1_024 * 1_024;

/** What stands before a machine of so many bytes. */
export function encodeHeader(header: StateHeader, machineBytes: number): Uint8Array {
  const { position, time, version, digest, writers, marks, grown, trimmable, pointers } = header;
  const fields = [FORMAT, position, time, version, digest, writers, marks, grown, trimmable, pointers];
  const packed = Buffer.from(packr.pack(fields));
  // One field more: the machine's bytes, of which this is only the length.
  packed[0] = (packed[0] as number) + 1;
  const end = Buffer.alloc(5, 0xc6);
  end.writeUInt32BE(machineBytes, 1);
  return Buffer.concat([packed, end]);
}

/** Puts the parts together, some at a time. */
export function* joined(parts: readonly Uint8Array[]): Steps<Uint8Array> {
  const whole = Buffer.allocUnsafeSlow(lengthOf(parts));
  let [at, pausedAt] = [0, 0];
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
    if (at - pausedAt < COPIED_BYTES) continue;
    pausedAt = at;
    yield;
  }
  return whole;
}

export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** @throws OmniQError `STORE_CORRUPT` where it is no snapshot, `STORE_VERSION` where its layout is newer */
export function decodeState(bytes: Uint8Array): { readonly header: StateHeader; readonly machine: Uint8Array } {
  try {
    const fields = unpackBounded(bytes) as readonly unknown[];
    const [format, position, time, version, digest, writers, marks, grown, trimmable, pointers, machine] = fields;
    if (typeof format === 'number' && format > FORMAT) {
      throw new OmniQError('STORE_VERSION', `The snapshot has layout ${format}, this process knows ${FORMAT}.`, {
        hint: 'Upgrade it.',
      });
    }
    const isWhole =
      [format, position, time, version, digest, grown, trimmable].every(Number.isSafeInteger) &&
      [writers, marks, pointers].every(Array.isArray);
    if (!isWhole || !(machine instanceof Uint8Array)) throw new TypeError('not a snapshot');
    const header = { position, time, version, digest, writers, marks, grown, trimmable, pointers } as StateHeader;
    return { header, machine };
  } catch (cause) {
    if (cause instanceof OmniQError) throw cause;
    throw new OmniQError('STORE_CORRUPT', 'A snapshot of the log cannot be read.', { cause });
  }
}
