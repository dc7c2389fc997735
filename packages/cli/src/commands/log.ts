import type { Command } from 'commander';
import { perform, type Invocation } from '../command-action.ts';
import { configurationOf, engine } from '../open-queue.ts';
import { addGlobalOptions, integer } from '../options.ts';
import { cleanText } from '../text/clean-text.ts';

interface LogFlags {
  readonly after?: number;
  readonly limit?: number;
}

export function define(command: Command): void {
  command
    .description('Print what the log of the tasks holds, oldest first, one object a line; payloads as their size.')
    .option('--after <position>', 'from after this entry', integer())
    .option('--limit <n>', 'at most so many lines', integer());
  perform<LogFlags>(addGlobalOptions(command), printLog);
}

async function printLog({ options, out }: Invocation<LogFlags>): Promise<void> {
  const { readLog } = await engine();
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  if (left <= 0) return;
  for await (const line of readLog(await configurationOf(options), options.after ?? 0)) {
    await out.item(line, () => cleanText(JSON.stringify(line)));
    left -= 1;
    if (left === 0) return;
  }
}
