import { OmniQError } from '@omniq/core/storage';
import type { Command } from '../machine/command.ts';
import { decodeCommand, encodeCommand } from './command-codec.ts';
import type { Packing } from './packing.ts';
import { packr } from '../columns/packr.ts';
import { RowBudget } from '../columns/row-budget.ts';
import { unpackBounded } from '../columns/unpack-bounded.ts';

/** Which layout the bytes of an entry have. */
const FORMAT = 1;
/** An entry that only says under which key its bytes lie beside the log. */
const POINTER = 0;

/** What an entry says besides its commands. */
export interface EntryHeader {
  /** One opening of the log by one process. */
  readonly writer: string;
  /** Counts up, one at a time under way: an entry that comes twice is told by it. */
  readonly request: number;
  /** The writer's clock, epoch ms; never behind the log's time as it knew it. */
  readonly at: number;
  /** How far the writer had folded the log when it wrote, and its digest there. */
  readonly base: number;
  readonly digest: number;
  /** The newest fold version that the writer's code knows. */
  readonly knows: number;
  /** A version to bring into force, or 0. */
  readonly activate: number;
  /** Tells of a snapshot: the position it stands for, its size, how long entries before it are kept, in ms. */
  readonly mark: readonly [position: number, bytes: number, keepMs: number] | null;
}

/** What one append holds: a batch of commands, and who says so. */
export interface Entry extends EntryHeader {
  readonly commands: readonly Command[];
}

/** One command as it stands in an entry: encoded before the entry is, so that entries can be filled to their limit. */
export function packCommand(command: Command, packing: Packing): Uint8Array {
  return packr.pack(encodeCommand(command, packing));
}

export function packEntry(header: EntryHeader, commands: readonly Uint8Array[]): Uint8Array {
  const { writer, request, at, base, digest, knows, activate, mark } = header;
  return packr.pack([FORMAT, writer, request, at, base, digest, knows, activate, mark, commands]);
}

export function packPointer(key: string): Uint8Array {
  return packr.pack([POINTER, key]);
}

/** The key that the entry points to, if it is a pointer. */
export function pointerIn(bytes: Uint8Array): string | null {
  // A pointer is a short array of two whose first byte after the head is 0.
  if (bytes[0] !== 0x92 || bytes[1] !== POINTER) return null;
  try {
    const [, key] = unpackBounded(bytes) as readonly unknown[];
    return typeof key === 'string' ? key : null;
  } catch {
    return null;
  }
}

/**
 * Reads an entry; what it holds is for the machine to judge.
 * @throws OmniQError `STORE_CORRUPT` where it is none, `STORE_VERSION` where its layout is newer
 */
export function unpackEntry(bytes: Uint8Array): Entry {
  try {
    const fields = unpackBounded(bytes) as readonly unknown[];
    const [format, writer, request, at, base, digest, knows, activate, mark, commands] = fields;
    if (typeof format === 'number' && format > FORMAT) throw newerLayout(format);
    const numbers = [request, at, base, digest, knows, activate, ...((mark ?? []) as readonly unknown[])];
    if (format !== FORMAT || typeof writer !== 'string' || !numbers.every(Number.isSafeInteger))
      throw new TypeError('not an entry');
    return {
      writer,
      request: request as number,
      at: at as number,
      base: base as number,
      digest: digest as number,
      knows: knows as number,
      activate: activate as number,
      mark: mark as EntryHeader['mark'],
      commands: (commands as readonly Uint8Array[]).map((command) =>
        decodeCommand(unpackBounded(command), new RowBudget(command.length)),
      ),
    };
  } catch (cause) {
    if (cause instanceof OmniQError) throw cause;
    throw new OmniQError('STORE_CORRUPT', 'The log holds an entry that cannot be read.', { cause });
  }
}

function newerLayout(format: number): OmniQError {
  return new OmniQError('STORE_VERSION', `The log holds entries of layout ${format}, this process knows ${FORMAT}.`, {
    hint: 'Upgrade it.',
  });
}
