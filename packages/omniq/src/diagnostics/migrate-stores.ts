import type { ResolvedConfig } from '../config/resolved-config.ts';
import type { StoreName } from '../config/settings.ts';
import { configuredBackends } from './configured-backends.ts';

/** What a migration did, or would do, to one backend. */
export interface Migrated {
  readonly backend: string;
  /** Without secrets. */
  readonly url: string;
  readonly stores: readonly StoreName[];
  /** What was done, or with `status` what there is to do, in order; empty: up to date. */
  readonly steps: readonly string[];
  /** `false`: the backend has no schema. */
  readonly migrates: boolean;
}

/**
 * Brings the schemas of all backends up to date (`up`), or tells what that would do (`status`).
 * @throws OmniQError `STORE_*`, `BACKEND_*`
 */
export async function migrateStores(
  config: ResolvedConfig,
  mode: 'status' | 'up',
  cwd: string = process.cwd(),
): Promise<readonly Migrated[]> {
  const migrated: Migrated[] = [];
  for (const { name, url, rawUrl, stores, plugin, options } of await configuredBackends(config, cwd)) {
    const steps = await plugin?.migrate?.(rawUrl, options, mode);
    migrated.push({ backend: name, url, stores, steps: steps ?? [], migrates: steps !== undefined });
  }
  return migrated;
}
