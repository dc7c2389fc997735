import type { Command } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import { optionsOf, type GlobalOptions } from './options.ts';
import { Output } from './output.ts';

/** What a command is given: its operands, all options, and where its answers go. */
export interface Invocation<T> {
  readonly operands: readonly unknown[];
  readonly options: T & GlobalOptions;
  readonly out: Output;
}

/** Runs a command. Nothing is as good as `0`. */
export type Handler<T> = (invocation: Invocation<T>) => Promise<ExitCode | void>;

const codes = new WeakMap<Command, ExitCode>();

/** Makes `handler` what the command does. */
export function perform<T>(command: Command, handler: Handler<T>): Command {
  return command.action(async () => {
    const options = optionsOf<T>(command);
    if (options.color === false) process.env['NO_COLOR'] = '1';
    const code = await handler({ operands: command.processedArgs, options, out: new Output(options.json === true) });
    codes.set(rootOf(command), code ?? 0);
  });
}

/** The exit code that the command which ran has asked for. */
export function exitCodeOfRun(program: Command): ExitCode {
  return codes.get(program) ?? 0;
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}
