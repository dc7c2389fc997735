import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/** The options of a command line, or `undefined` after its help was printed or the mistake in them reported. */
export function optionsOf<const Options extends ParseArgsOptionsConfig>(
  help: string,
  options: Options,
): ReturnType<typeof parseArgs<{ options: Options }>>['values'] | undefined {
  try {
    const args = process.argv.slice(2);
    if (!args.includes('--help') && !args.includes('-h')) return parseArgs({ args, options }).values;
    console.log(help);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    process.exitCode = 2;
  }
  return undefined;
}
