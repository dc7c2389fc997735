import type { LogLine } from '@omniq/core/storage';
import type { ResolvedConfig } from '../config/resolved-config.ts';
import type { Finding } from './finding.ts';
import type { Migrated } from './migrate-stores.ts';

export type { Finding } from './finding.ts';
export type { Migrated } from './migrate-stores.ts';
export { describeConfig, readConfig } from './read-config.ts';

/**
 * Looks at everything that a queue stands on: Node.js, packages, configuration, and each backend, to which it writes one
 * task that it takes away again. Never throws: what goes wrong is a finding.
 */
export async function diagnose(config: ResolvedConfig, cwd?: string): Promise<readonly Finding[]> {
  const { diagnose: look } = await import('./diagnose.ts');
  return look(config, cwd);
}

/**
 * Brings the schemas of all backends up to date (`up`), or tells what that would do (`status`).
 * @throws OmniQError `STORE_*`, `BACKEND_*`
 */
export async function migrateStores(
  config: ResolvedConfig,
  mode: 'status' | 'up',
  cwd?: string,
): Promise<readonly Migrated[]> {
  const { migrateStores: migrate } = await import('./migrate-stores.ts');
  return migrate(config, mode, cwd);
}

/**
 * What the log of the tasks' backend holds, from after a position: one object for each thing that was asked of it.
 * @throws OmniQError `UNSUPPORTED` where the backend has no log; `STORE_*`, `BACKEND_*`
 */
export async function* readLog(config: ResolvedConfig, after?: number, cwd?: string): AsyncGenerator<LogLine> {
  const { readLog: read } = await import('./read-log.ts');
  yield* read(config, after, cwd);
}
