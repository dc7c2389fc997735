import type { Logger } from '@omniq/core';
import { maskFields, maskText } from '../config/mask-fields.ts';
import type { LogLevel } from '../config/omniq-config.ts';
import { logLevels, type LogThresholds } from './log-levels.ts';

/** What is needed of pino, whose own level is left at the lowest. */
export interface LineWriter {
  debug(bindings: object, message: string): void;
  info(bindings: object, message: string): void;
  warn(bindings: object, message: string): void;
  error(bindings: object, message: string): void;
  fatal(bindings: object, message: string): void;
  child(bindings: Record<string, unknown>): LineWriter;
}

/** Where lines end up; closed once. */
export interface LogOutput {
  readonly writer: LineWriter;
  close(): Promise<void>;
}

/** A logger whose levels can be changed while it runs. */
export interface OmniQLogger extends Logger {
  /** Above `error`: the process cannot go on. */
  critical(bindings: object, message: string): void;
  child(bindings: object): OmniQLogger;
  /** From which level on lines are written; assignable, and then holds for every child as well. */
  level: LogLevel;
  /** The level of a component (`child({ component })`); `undefined` lets it follow `level` again. */
  setComponentLevel(component: string, level: LogLevel | undefined): void;
  /** Closes the file. Twice is a no-op. */
  close(): Promise<void>;
}

/** Asks the thresholds before pino, since a child of pino keeps the level that it was born with. */
export class LeveledLogger implements OmniQLogger {
  readonly #output: LogOutput;
  readonly #thresholds: LogThresholds;
  readonly #bindings: Readonly<Record<string, unknown>>;
  readonly #component: string | undefined;
  #writer: LineWriter | undefined;
  #least = 0;
  #version = -1;

  constructor(
    output: LogOutput,
    thresholds: LogThresholds,
    bindings: Readonly<Record<string, unknown>> = {},
    component?: string,
  ) {
    this.#output = output;
    this.#thresholds = thresholds;
    this.#bindings = bindings;
    this.#component = component;
  }

  debug(bindings: object, message: string): void {
    if (this.#writes(logLevels.DEBUG)) this.#lines().debug(maskFields(bindings), maskText(message));
  }

  info(bindings: object, message: string): void {
    if (this.#writes(logLevels.INFO)) this.#lines().info(maskFields(bindings), maskText(message));
  }

  warn(bindings: object, message: string): void {
    if (this.#writes(logLevels.WARNING)) this.#lines().warn(maskFields(bindings), maskText(message));
  }

  error(bindings: object, message: string): void {
    if (this.#writes(logLevels.ERROR)) this.#lines().error(maskFields(bindings), maskText(message));
  }

  critical(bindings: object, message: string): void {
    if (this.#writes(logLevels.CRITICAL)) this.#lines().fatal(maskFields(bindings), maskText(message));
  }

  child(bindings: object): OmniQLogger {
    const { component = this.#component, ...rest } = bindings as { readonly component?: string };
    const named = component === undefined ? undefined : String(component);
    return new LeveledLogger(this.#output, this.#thresholds, { ...this.#bindings, ...rest }, named);
  }

  get level(): LogLevel {
    return this.#thresholds.level;
  }

  set level(level: LogLevel) {
    this.#thresholds.level = level;
  }

  setComponentLevel(component: string, level: LogLevel | undefined): void {
    this.#thresholds.setComponent(component, level);
  }

  close(): Promise<void> {
    return this.#output.close();
  }

  /** Made at the first line: most children, one a task, never write any. */
  #lines(): LineWriter {
    const logger = this.#component === undefined ? 'omniq' : `omniq.${this.#component}`;
    // From the root, not from the parent: pino would write a field twice that a child says again.
    this.#writer ??= this.#output.writer.child({ logger, ...maskFields(this.#bindings) });
    return this.#writer;
  }

  #writes(level: number): boolean {
    if (this.#version !== this.#thresholds.version) {
      this.#least = this.#thresholds.of(this.#component);
      this.#version = this.#thresholds.version;
    }
    return level >= this.#least;
  }
}
