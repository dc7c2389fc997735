import type { ConfigSources, ResolvedConfig } from '../config/resolved-config.ts';
import type { ShownSetting } from '../config/show-config.ts';

/**
 * Reads, checks and merges the configuration as `createOmniQ` does, and keeps who said what. Its parsers are only loaded
 * when it is called.
 * @throws OmniQError `INVALID_CONFIG` with everything that is wrong in any source
 */
export async function readConfig(sources: ConfigSources = {}): Promise<ResolvedConfig> {
  const { resolveConfig } = await import('../config/resolve-config.ts');
  return resolveConfig(sources);
}

/** Everything that holds and who said it, stores first. Safe to print: secrets are masked. */
export async function describeConfig(config: ResolvedConfig): Promise<readonly ShownSetting[]> {
  const { showConfig } = await import('../config/show-config.ts');
  return showConfig(config);
}
