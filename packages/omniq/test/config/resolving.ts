import { isOmniQError } from '@omniq/core';
import { resolveConfig } from '../../src/config/resolve-config.ts';
import type { ConfigSources, ResolvedConfig } from '../../src/config/resolved-config.ts';
import { tempFolder } from './temp-folder.ts';

/** Resolves with nothing but what the test gives: an empty folder, an empty environment. */
export function resolve(sources: ConfigSources & { readonly yaml?: string } = {}): Promise<ResolvedConfig> {
  const { yaml, ...rest } = sources;
  return resolveConfig({ cwd: tempFolder(yaml === undefined ? {} : { 'omniq.yaml': yaml }), env: {}, ...rest });
}

/** The problems that resolving finds, one a line. */
export async function problemsOf(sources: ConfigSources & { readonly yaml?: string }): Promise<readonly string[]> {
  try {
    await resolve(sources);
  } catch (error) {
    if (isOmniQError(error, 'INVALID_CONFIG')) return error.details['problems'] as readonly string[];
    throw error;
  }
  return [];
}
