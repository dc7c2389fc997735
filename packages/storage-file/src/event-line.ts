import type { EventQuery, StoredEvent } from '@omniq/core/storage';

/** An event as one line of JSON. What it has not is left out; bytes are base64. */
export function lineOf({ id, at, type, level, task, queue, name, correlationId, data }: StoredEvent): string {
  return JSON.stringify({
    id,
    at,
    type,
    level,
    task: task ?? undefined,
    queue: queue ?? undefined,
    name: name ?? undefined,
    correlationId: correlationId ?? undefined,
    data: data === null ? undefined : Buffer.from(data).toString('base64'),
  });
}

/** `null` for a line that is none of ours: the end of one that was cut short by a kill or a full disk, most likely. */
export function eventIn(line: string): StoredEvent | null {
  const found = parsed(line);
  if (found === null) return null;
  const { id, at, type, level, data } = found;
  if (typeof id !== 'string' || typeof at !== 'number' || typeof type !== 'string' || typeof level !== 'number')
    return null;
  return {
    id,
    at,
    type,
    level,
    task: textOrNull(found['task']),
    queue: textOrNull(found['queue']),
    name: textOrNull(found['name']),
    correlationId: textOrNull(found['correlationId']),
    data: typeof data === 'string' ? Buffer.from(data, 'base64') : null,
  };
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function matches(event: StoredEvent, query: EventQuery): boolean {
  const { task, types, queue, correlationId, minLevel, since, until } = query;
  return (
    (task === undefined || event.task === task) &&
    (types === undefined || types.includes(event.type)) &&
    (queue === undefined || event.queue === queue) &&
    (correlationId === undefined || event.correlationId === correlationId) &&
    (minLevel === undefined || event.level >= minLevel) &&
    (since === undefined || event.at >= since) &&
    (until === undefined || event.at < until)
  );
}
