import type { LoggingConfig } from '../config/omniq-config.ts';
import type { LoggingSettings } from '../config/settings.ts';

/**
 * Logging options checked and completed from the environment. Files are not read: this is for programs that log through
 * OmniQ without configuring a queue.
 * @throws OmniQError `INVALID_CONFIG`
 */
export async function parseLogging(options: LoggingConfig): Promise<LoggingSettings> {
  const { resolveConfig } = await import('../config/resolve-config.ts');
  const { settings } = await resolveConfig({ code: { logging: options }, files: false });
  return settings.logging;
}
