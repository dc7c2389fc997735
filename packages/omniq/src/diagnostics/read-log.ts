import { OmniQError } from '@omniq/core';
import type { LogLine } from '@omniq/core/storage';
import type { ResolvedConfig } from '../config/resolved-config.ts';
import { configuredBackends } from './configured-backends.ts';

/**
 * What the log of the tasks' backend holds, from after a position: one object for each thing that was asked of it.
 * @throws OmniQError `UNSUPPORTED` where the backend has no log; `STORE_*`, `BACKEND_*`
 */
export async function* readLog(
  config: ResolvedConfig,
  after = 0,
  cwd: string = process.cwd(),
): AsyncGenerator<LogLine> {
  const backends = await configuredBackends(config, cwd);
  const backend = backends.find(({ stores }) => stores.includes('tasks'));
  const lines = backend?.plugin?.readLog?.(backend.rawUrl, backend.options, after);
  if (lines === undefined) {
    throw new OmniQError('UNSUPPORTED', `The ${backend?.name ?? 'tasks'} backend keeps no log.`, {
      hint: 'Those that do are file and the object stores; omniq tasks ls and omniq events ls work on every backend.',
    });
  }
  yield* lines;
}
