import { writeFile } from 'node:fs/promises';
import { renderMarkdown } from './markdown.ts';
import { help, parseOptions, UsageError } from './options.ts';
import { runBench } from './run-bench.ts';
import { MissingServer } from '@omniq/testkit/servers';
import { renderReport } from './table.ts';

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === undefined) {
    console.log(help);
    return 0;
  }
  const report = await runBench(options, (line) => console.error(line));
  const { markdown } = options;
  console.log(markdown === undefined ? renderReport(report) : renderMarkdown(report));
  if (markdown !== undefined) await writeFile(markdown, renderMarkdown(report));
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  return report.failures.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof MissingServer)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
