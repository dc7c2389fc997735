import type { System } from './system.ts';

/** The same system on a Redis that writes what it acknowledges to a file, and syncs that once a second. */
export function aofOf(system: System): System {
  return {
    ...system,
    name: `${system.name}-aof`,
    store: 'redis-aof',
    durability: 'appendonly=yes, appendfsync=everysec',
    raw: `${system.raw}-aof`,
  };
}
