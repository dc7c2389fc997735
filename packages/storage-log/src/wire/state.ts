import { OmniQError } from '@omniq/core/storage';
import { packr } from '../columns/packr.ts';

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

export function encodeState(header: StateHeader, machine: Uint8Array): Uint8Array {
  const { position, time, version, digest, writers, marks, grown, trimmable, pointers } = header;
  return packr.pack([FORMAT, position, time, version, digest, writers, marks, grown, trimmable, pointers, machine]);
}

/** @throws OmniQError `STORE_CORRUPT` where it is no snapshot, `STORE_VERSION` where its layout is newer */
export function decodeState(bytes: Uint8Array): { readonly header: StateHeader; readonly machine: Uint8Array } {
  try {
    const fields = packr.unpack(bytes) as readonly unknown[];
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
