import { createHash } from 'node:crypto';

/**
 * What a namespace consists of: a fixed, small number of keys, all under one hash tag, so that a Cluster keeps them in one
 * slot and every function can declare each key that it touches.
 */
export const keyNames = [
  'tasks',
  'bodies',
  'batches',
  'batch-claims',
  'batch-gone',
  'running-batches',
  'ended-batches',
  'errors',
  'progress',
  'order',
  'due',
  'behind',
  'lines',
  'heads',
  'running-tasks',
  'cancelling',
  'expiring',
  'ended',
  'counts',
  'counters',
  'queues',
  'settings',
  'unique',
  'unique-ends',
  'edges',
  'history',
  'gone',
  'sessions',
  'leases',
  'lanes',
  'ended-sessions',
  'results',
  'result-ends',
  'events',
  'event-order',
  'event-links',
  'schedules',
  'schedules-due',
  'schedule-ids',
  'records',
  'record-keys',
  'idle',
  'idlers',
] as const;

export type KeyName = (typeof keyNames)[number];

/** A piece of Lua that scripts share, the keys that it touches and the pieces that it stands on. */
export interface Part {
  readonly keys: readonly KeyName[];
  readonly needs?: readonly Part[];
  readonly lua: string;
}

/** One call of the server: a verb, or what is left of it after it was taken apart. */
export interface Script {
  readonly name: string;
  readonly keys: readonly KeyName[];
  readonly lua: string;
  /** By which the server knows it. */
  readonly sha: string;
}

/**
 * Puts a script together from its parts, each once and after what it needs; every key becomes a local of its name in
 * capitals.
 *
 * Scripts, not functions of a library: `EVALSHA` exists on every server that speaks the protocol, needs no right to load
 * libraries, and a rolling upgrade runs two versions side by side, while a library is one for all who share the server.
 * Functions were measured and are no faster.
 */
export function script(name: string, { keys, needs = [], lua }: Part): Script {
  const parts = new Set<Part>();
  const collect = (part: Part): void => {
    for (const each of part.needs ?? []) collect(each);
    parts.add(part);
  };
  for (const each of needs) collect(each);
  const all = [...new Set([...keys, ...[...parts].flatMap((part) => part.keys)])];
  const locals = `local ${all.map(localOf).join(', ')} = ${all.map((_, index) => `KEYS[${index + 1}]`).join(', ')}\n`;
  const text = [all.length === 0 ? '' : locals, ...[...parts].map((part) => part.lua), lua].join('\n');
  return { name, keys: all, lua: text, sha: createHash('sha1').update(text).digest('hex') };
}

function localOf(key: KeyName): string {
  return key.toUpperCase().replaceAll('-', '_');
}
