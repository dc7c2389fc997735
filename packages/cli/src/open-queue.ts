import type * as omniq from '@omniq/omniq';
import type { ConfigSources, OmniQ, OmniQConfig, ResolvedConfig } from '@omniq/omniq';
import type { GlobalOptions } from './options.ts';
import type { Output } from './output.ts';
import { UsageError } from './usage-error.ts';

/** The configuration that holds for a command: its flags, then the environment, then files. */
export async function configurationOf(
  options: GlobalOptions,
  flags: OmniQConfig = {},
  code: OmniQConfig = {},
): Promise<ResolvedConfig> {
  const { storage, results, events, schedules, config } = options;
  const sources: ConfigSources = {
    code,
    flags: {
      ...(storage === undefined ? {} : { storage }),
      ...(results === undefined ? {} : { results }),
      ...(events === undefined ? {} : { events }),
      ...(schedules === undefined ? {} : { schedules }),
      ...flags,
    },
    ...(config === undefined ? {} : { files: config }),
  };
  const { readConfig } = await engine();
  return readConfig(sources);
}

/** Opens the queue for `use` and closes it afterwards, whatever happens. Says nothing of its own but warnings. */
export async function withQueue<T>(
  options: GlobalOptions,
  out: Output,
  use: (omniq: OmniQ, config: ResolvedConfig) => Promise<T>,
): Promise<T> {
  const { silent } = await engine();
  const config = await configurationOf(options, {}, { logger: silent });
  const omniq = await openQueue(config, out);
  try {
    return await use(omniq, config);
  } finally {
    await omniq.close();
  }
}

/** Opens the queue; warnings become notes. @throws UsageError for tasks in memory, which nobody else would ever see */
export async function openQueue(config: ResolvedConfig, out: Output): Promise<OmniQ> {
  const { tasks } = config.settings.stores;
  if ('url' in tasks && /^memory:/iu.test(tasks.url)) {
    throw new UsageError(
      'The tasks are in memory, which no other process sees.',
      'Name a store: --storage sqlite:./jobs.db, OMNIQ_TASK_STORAGE_URL or omniq.yaml.',
    );
  }
  for (const warning of config.warnings) out.note(`warning: ${warning}`);
  const { openOmniQ } = await engine();
  return openOmniQ({ ...config, warnings: [] });
}

/** Loaded late: help and wrong usage need none of it. */
export function engine(): Promise<typeof omniq> {
  return import('@omniq/omniq');
}
