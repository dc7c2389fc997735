import { AsyncLocalStorage } from 'node:async_hooks';
import { silent, type Logger } from '@omniq/core';
import { parseLogging } from './logging-options.ts';
import type { LoggingConfig } from '../config/omniq-config.ts';
import { createLogger, type LineSink } from './create-logger.ts';
import type { OmniQLogger } from './leveled-logger.ts';

let current: Logger = silent;
let generation = 0;
const context = new AsyncLocalStorage<Readonly<Record<string, unknown>>>();

/**
 * Sets the logger of this process, which {@link getLogger}, {@link taskContext} and {@link bindTask} write to. What is not
 * given is taken from `OMNIQ_LOG_*` and the like, then from the defaults. Loggers handed out before follow.
 * @throws OmniQError `INVALID_CONFIG`
 */
export async function configureLogging(options: LoggingConfig = {}, sink?: LineSink): Promise<OmniQLogger> {
  const logger = await createLogger(await parseLogging(options), sink);
  const before = current;
  current = logger;
  generation += 1;
  if ('close' in before) await (before as OmniQLogger).close();
  return logger;
}

/** The logger of this process, or of a component of it. Silent until {@link configureLogging}; within a task it carries its id. */
export function getLogger(component?: string): Logger {
  return new ProcessLogger(component === undefined ? {} : { component });
}

/** A logger whose lines carry the task, and these bindings as well. */
export function bindTask(id: string, bindings: Readonly<Record<string, unknown>> = {}): Logger {
  return new ProcessLogger({ task_id: id, correlation_id: id, ...bindings });
}

/**
 * Runs `work` so that every line logged in it carries the task, and logs its start, its end and how long it took. What it
 * throws is logged and thrown on.
 */
export async function taskContext<T>(
  id: string,
  operation: string,
  work: (logger: Logger) => T | Promise<T>,
): Promise<T> {
  const bindings = { ...context.getStore(), task_id: id, correlation_id: id, operation };
  const logger = new ProcessLogger({});
  return context.run(bindings, async () => {
    const start = performance.now();
    const durationMs = (): number => Math.round(performance.now() - start);
    logger.debug({}, `${operation} started`);
    try {
      const value = await work(logger);
      logger.debug({ duration_ms: durationMs() }, `${operation} ended`);
      return value;
    } catch (error) {
      logger.error({ duration_ms: durationMs(), err: error }, `${operation} failed`);
      throw error;
    }
  });
}

/** Looks up where to write at every line: the process's logger may be set after this one was handed out. */
class ProcessLogger implements Logger {
  readonly #bindings: Readonly<Record<string, unknown>>;
  #target: Logger = silent;
  #generation = -1;

  constructor(bindings: Readonly<Record<string, unknown>>) {
    this.#bindings = bindings;
  }

  debug(bindings: object, message: string): void {
    this.#now().debug(this.#with(bindings), message);
  }
  info(bindings: object, message: string): void {
    this.#now().info(this.#with(bindings), message);
  }
  warn(bindings: object, message: string): void {
    this.#now().warn(this.#with(bindings), message);
  }
  error(bindings: object, message: string): void {
    this.#now().error(this.#with(bindings), message);
  }
  child(bindings: object): Logger {
    return new ProcessLogger({ ...this.#bindings, ...bindings });
  }

  #now(): Logger {
    if (this.#generation !== generation) {
      this.#target = Object.keys(this.#bindings).length === 0 ? current : current.child(this.#bindings);
      this.#generation = generation;
    }
    return this.#target;
  }

  /** What the logger says of itself wins over the task that it is used in. */
  #with(bindings: object): object {
    const around = context.getStore();
    if (around === undefined) return bindings;
    const said = Object.entries(around).filter(([name]) => !Object.hasOwn(this.#bindings, name));
    return { ...Object.fromEntries(said), ...bindings };
  }
}
