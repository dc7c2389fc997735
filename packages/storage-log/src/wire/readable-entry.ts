import { isOmniQError, type LogLine } from '@omniq/core/storage';
import { Piece } from '../machine/piece.ts';
import { pointerIn, unpackEntry } from './entry.ts';

/**
 * An entry of a log for human eyes: an object for each command, with its position, the writer's time, and the bytes it
 * carries as their number. One object says why where it cannot be read, or where its bytes lie if not in the log.
 */
export function readableEntry(position: number, bytes: Uint8Array): LogLine[] {
  const pointer = pointerIn(bytes);
  if (pointer !== null) return [{ position, bytesIn: pointer }];
  try {
    const { commands, at, writer, request, mark, activate } = unpackEntry(bytes);
    const head = { position, at: new Date(at).toISOString(), writer, request };
    const lines: LogLine[] = commands.map((command) => ({ ...head, ...(readable(command) as object) }));
    if (mark !== null) lines.push({ ...head, verb: 'snapshot', standsFor: mark[0], size: mark[1] });
    if (activate > 0) lines.push({ ...head, verb: 'activate', version: activate });
    return lines;
  } catch (error) {
    return [{ position, unreadable: isOmniQError(error) ? error.code : String(error) }];
  }
}

function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Piece) {
    const size = `${value.to - value.from} bytes`;
    return typeof value.source === 'string' ? `${size} in ${value.source}` : size;
  }
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, readable(each)]));
}
