import type { OmniQConfig, StoreConfig } from './omniq-config.ts';
import type { Settings } from './settings.ts';

/** Where a value was said. */
export type Origin =
  | { readonly source: 'default' }
  | { readonly source: 'code' }
  | { readonly source: 'flag' }
  | { readonly source: 'env'; readonly name: string }
  | { readonly source: 'file'; readonly path: string; readonly line: number };

/** What to read. Flags win over code, code over environment, environment over files, files over defaults. */
export interface ConfigSources {
  /** A configuration, or one store of everything. Of several the later wins. */
  readonly code?: OmniQConfig | StoreConfig | readonly OmniQConfig[];
  /** As from a command line; same shape as code. */
  readonly flags?: OmniQConfig;
  /** YAML files, the later wins. Default: those that `OMNIQ_CONFIG` names, else `omniq.yaml` or `omniq.yml` in `cwd`. */
  readonly files?: readonly string[] | false;
  /** Default `process.env`; `false` reads none. */
  readonly env?: Readonly<Record<string, string | undefined>> | false;
  /** Default `process.cwd()`. */
  readonly cwd?: string;
}

export interface ResolvedConfig {
  readonly settings: Settings;
  /** By dotted key, such as `worker.concurrency`: who said it. A key that nobody said and that has no default is absent. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** The environment whose sections were laid over the rest. */
  readonly environment: string | null;
  /** Files that were read. */
  readonly files: readonly string[];
  /** Complete sentences for the log: unknown variables, memory storage that nobody asked for ... */
  readonly warnings: readonly string[];
}

/** Where a value was said, as people read it: `omniq.yaml:7`, `OMNIQ_LOG_LEVEL`, `code`, `default`. */
export function formatOrigin(origin: Origin): string {
  if (origin.source === 'env') return origin.name;
  return origin.source === 'file' ? `${origin.path}:${origin.line}` : origin.source;
}
