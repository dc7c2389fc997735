import type { StoredEvent } from '@omniq/core/storage';
import { Writer } from './writer.ts';

/** An event as it is kept: what links lead from stands first; the functions read no more. */
export function packEvent({ at, type, level, task, queue, name, correlationId, data }: StoredEvent): Buffer {
  const writer = new Writer(256 + (data?.length ?? 0));
  writer
    .text(task ?? '')
    .text(correlationId ?? '')
    .text(type)
    .text(queue ?? '')
    .text(name ?? '');
  writer.double(at).double(level);
  if (data !== null) writer.byte(1).raw(data);
  return writer.bytes();
}

export function readEvent(id: string, packed: Buffer): StoredEvent {
  const texts: string[] = [];
  let at = 0;
  while (texts.length < 5) {
    const end = at + 2 + packed.readUInt16LE(at);
    texts.push(packed.toString('utf8', at + 2, end));
    at = end;
  }
  const [task, correlationId, type, queue, name] = texts as [string, string, string, string, string];
  return {
    id,
    at: packed.readDoubleLE(at),
    type,
    level: packed.readDoubleLE(at + 8),
    task: task || null,
    queue: queue || null,
    name: name || null,
    correlationId: correlationId || null,
    data: packed.length === at + 16 ? null : packed.subarray(at + 17),
  };
}
