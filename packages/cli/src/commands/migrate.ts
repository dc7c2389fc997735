import type { Migrated } from '@omniq/omniq';
import type { Command } from 'commander';
import { perform, type Invocation } from '../command-action.ts';
import { configurationOf, engine } from '../open-queue.ts';
import { addGlobalOptions } from '../options.ts';
import { cleanText } from '../text/clean-text.ts';

export function define(command: Command): void {
  command.description('Bring the schemas of the backends up to date, or tell what there is to do.');
  addGlobalOptions(command);
  const status = command
    .command('status', { isDefault: true })
    .description('Tell what there is to do, and change nothing (default).');
  const up = command.command('up').description('Bring all schemas up to date; twice is a no-op.');
  perform<object>(addGlobalOptions(status), (invocation) => migrate('status', invocation));
  perform<object>(addGlobalOptions(up), (invocation) => migrate('up', invocation));
}

async function migrate(mode: 'status' | 'up', { options, out }: Invocation<object>): Promise<void> {
  const { migrateStores } = await engine();
  for (const migrated of await migrateStores(await configurationOf(options), mode)) {
    await out.item(migrated, () => describe(migrated, mode));
  }
}

function describe({ backend, url, steps, migrates }: Migrated, mode: 'status' | 'up'): string {
  const head = `${backend} ${url}`;
  if (!migrates) return cleanText(`${head}: has no schema`);
  if (steps.length === 0) return cleanText(`${head}: up to date`);
  const verb = mode === 'up' ? 'applied' : 'to be applied';
  return [`${head}:`, ...steps.map((step) => `  ${verb}: ${step}`)].map(cleanText).join('\n');
}
