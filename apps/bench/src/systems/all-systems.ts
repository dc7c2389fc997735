import { loadSystem, systemNames } from './load-system.ts';
import type { StoreName, System } from './system.ts';

export const allSystems: readonly System[] = await Promise.all(systemNames.map(loadSystem));

export const storeNames: readonly StoreName[] = ['memory', 'file', 'sqlite', 'postgres', 'redis', 'redis-aof', 'nats'];
