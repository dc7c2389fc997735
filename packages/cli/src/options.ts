import { InvalidArgumentError, Option, type Command } from 'commander';

/** What every command takes. */
export interface GlobalOptions {
  readonly storage?: string;
  readonly results?: string;
  readonly events?: string;
  readonly schedules?: string;
  readonly config?: readonly string[];
  readonly json?: boolean;
  readonly color?: boolean;
}

const GROUP = 'Global options:';

/** Adds the options that every command takes. `configFlag` may lack the short form where `-c` means something else. */
export function addGlobalOptions(command: Command, configFlag = '-c, --config <file>'): Command {
  const options = [
    new Option('--storage <url>', 'where everything is kept, such as sqlite:./jobs.db or postgres://host/database'),
    new Option('--results <url>', 'where results are kept; default where tasks are'),
    new Option('--events <url>', 'where events are kept; default where tasks are'),
    new Option('--schedules <url>', 'where schedules are kept; default where tasks are'),
    new Option(configFlag, 'a configuration file instead of omniq.yaml; repeatable, the later wins').argParser(collect),
    new Option('--json', 'JSON on stdout: one object, or for lists one a line'),
    new Option('--no-color', 'no colours; NO_COLOR does the same'),
  ];
  for (const option of options) command.addOption(option.helpGroup(GROUP));
  return command;
}

/** The options of a command and of those above it; what was said nearest to the end wins. */
export function optionsOf<T>(command: Command): T & GlobalOptions {
  const chain = [];
  for (let each: Command | null = command; each !== null; each = each.parent) chain.unshift(each);
  const merged: Record<string, unknown> = {};
  for (const each of chain) {
    for (const [name, value] of Object.entries(each.opts())) {
      if (each.getOptionValueSource(name) === 'cli' || !Object.hasOwn(merged, name)) merged[name] = value;
    }
  }
  return merged as T & GlobalOptions;
}

/** For an option that may be repeated. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

/** For an option that may be repeated or name several with commas between. */
export function collectList(value: string, earlier: readonly string[] | undefined): readonly string[] {
  const names = value.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('It is a name, or names with commas between.');
  return [...(earlier ?? []), ...names];
}

/** A whole number, by default from 1. */
export function integer(least = 1): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^-?\d+$/u.test(value) && Number.isSafeInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`It is a whole number from ${least} on.`);
  };
}

/** A span such as `30s` or `5m`; a bare number is seconds, as in files and variables. */
export function span(value: string): string {
  const text = value.trim();
  if (/^\d+(?:\.\d+)?$/u.test(text)) return `${text}s`;
  if (/^\d+(?:\.\d+)?\s*[a-z]+$/iu.test(text)) return text;
  throw new InvalidArgumentError("It is a span such as '500ms', '30s', '5m', '1h' or '2d'.");
}
