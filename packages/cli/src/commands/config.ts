import type { ShownSetting } from '@omniq/omniq';
import type { Command } from 'commander';
import { perform, type Invocation } from '../command-action.ts';
import { configurationOf, engine } from '../open-queue.ts';
import { addGlobalOptions } from '../options.ts';

interface ShowFlags {
  readonly origin?: true;
}

export function define(command: Command): void {
  addGlobalOptions(command);
  const show = command
    .command('show')
    .description(
      'Show every setting that holds; passwords and keys are masked. Flags win over the environment, files, defaults.',
    )
    .option('--origin', 'also who said it: flag, a variable, file:line or default');
  perform<ShowFlags>(addGlobalOptions(show), showConfig);
}

async function showConfig({ options, out }: Invocation<ShowFlags>): Promise<void> {
  const config = await configurationOf(options);
  const { describeConfig } = await engine();
  const shown = await describeConfig(config);
  for (const warning of config.warnings) out.note(`warning: ${warning}`);
  if (options.origin === true) {
    await out.list(shown, {
      heading: ['KEY', 'VALUE', 'ORIGIN'],
      row: ({ key, value, origin }) => [key, value, origin],
    });
    return;
  }
  const plain = shown.map(({ key, value }): Omit<ShownSetting, 'origin'> => ({ key, value }));
  await out.list(plain, { heading: ['KEY', 'VALUE'], row: ({ key, value }) => [key, value] });
}
