import { isOmniQError } from '@omniq/core/storage';
import { Piece } from '../machine/piece.ts';
import { pointerIn, unpackEntry } from './entry.ts';

/**
 * An entry of a log for human eyes: a line of JSON for each command, with its position, the writer's time, and the bytes
 * it carries as their number. One line says why where it cannot be read, or where its bytes lie if not in the log.
 */
export function readableEntry(position: number, bytes: Uint8Array): string[] {
  const pointer = pointerIn(bytes);
  if (pointer !== null) return [JSON.stringify({ position, bytesIn: pointer })];
  try {
    const { commands, at, writer, request, mark, activate } = unpackEntry(bytes);
    const head = { position, at: new Date(at).toISOString(), writer, request };
    const lines = commands.map((command) => ({ ...head, ...command }) as object);
    if (mark !== null) lines.push({ ...head, verb: 'snapshot', standsFor: mark[0], size: mark[1] });
    if (activate > 0) lines.push({ ...head, verb: 'activate', version: activate });
    return lines.map((line) => JSON.stringify(line, bytesAsTheirNumber));
  } catch (error) {
    return [JSON.stringify({ position, unreadable: isOmniQError(error) ? error.code : String(error) })];
  }
}

function bytesAsTheirNumber(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  // A Buffer was turned into an object before it came here.
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value)
    return `${(value.data as readonly unknown[]).length} bytes`;
  if (!(value instanceof Piece)) return value;
  const size = `${value.to - value.from} bytes`;
  return typeof value.source === 'string' ? `${size} in ${value.source}` : size;
}
