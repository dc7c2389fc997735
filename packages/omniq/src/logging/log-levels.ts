import type { LogLevel } from '../config/omniq-config.ts';

/** pino's numbers. */
export const logLevels: Readonly<Record<LogLevel, number>> = {
  DEBUG: 20,
  INFO: 30,
  WARNING: 40,
  ERROR: 50,
  CRITICAL: 60,
  DISABLED: Number.POSITIVE_INFINITY,
};

/** Which lines are written, by component; changes at run time reach every logger at once. */
export class LogThresholds {
  /** Grows with every change, so that loggers can keep what they looked up. */
  version = 0;
  #level: LogLevel;
  readonly #components: Map<string, LogLevel>;

  constructor(level: LogLevel, components: Readonly<Record<string, LogLevel>>) {
    this.#level = level;
    this.#components = new Map(Object.entries(components));
  }

  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    this.#level = level;
    this.version += 1;
  }

  /** `undefined` lets the component follow the general level again. */
  setComponent(component: string, level: LogLevel | undefined): void {
    if (level === undefined) this.#components.delete(component);
    else this.#components.set(component, level);
    this.version += 1;
  }

  /** The least number that is written; `worker.thread` falls back on `worker`, then on the general level. */
  of(component: string | undefined): number {
    for (let name = component; name !== undefined; name = parentOf(name)) {
      const level = this.#components.get(name);
      if (level !== undefined) return logLevels[level];
    }
    return logLevels[this.#level];
  }
}

function parentOf(component: string): string | undefined {
  const dot = component.lastIndexOf('.');
  return dot < 0 ? undefined : component.slice(0, dot);
}
