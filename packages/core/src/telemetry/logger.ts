/** What OmniQ needs of a logger; pino's fits as it is. */
export interface Logger {
  debug(bindings: object, message: string): void;
  info(bindings: object, message: string): void;
  warn(bindings: object, message: string): void;
  error(bindings: object, message: string): void;
  /** A logger that adds these to every line. */
  child(bindings: object): Logger;
}

const nothing = (): void => {};

/** Says nothing. */
export const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silent };
