import { formatByteSize } from './byte-size.ts';
import { formatSpan } from './format-span.ts';
import { maskFields } from './mask-fields.ts';
import { MASK, maskSecrets } from './mask-secrets.ts';
import { formatOrigin, type ResolvedConfig } from './resolved-config.ts';
import { settings, type Setting } from './setting-table.ts';
import type { StoreTarget } from './settings.ts';

/** One line of `config show --origin`. */
export interface ShownSetting {
  readonly key: string;
  /** As people read it; secrets are masked. */
  readonly value: string;
  /** `code`, `flag`, a variable, `file:line` or `default`. */
  readonly origin: string;
}

/** Everything that holds and who said it, stores first. Safe to print: secrets are masked. */
export function showConfig({ settings: resolved, origins }: ResolvedConfig): readonly ShownSetting[] {
  const originOf = (key: string): string => formatOrigin(origins.get(key) ?? { source: 'default' });
  const stores = Object.entries(resolved.stores).map(([key, target]) => ({
    key,
    value: showStore(target),
    origin: originOf(key),
  }));
  const rest = [...settings]
    .filter(([key, { codeOnly }]) => key !== 'defaults.retry.maxRetries' && (codeOnly !== true || origins.has(key)))
    .map(([key, setting]) => ({ key, value: showSetting(setting, valueAt(resolved, key)), origin: originOf(key) }));
  return [...stores, ...rest];
}

/** A store without its secrets. */
export function showStore(target: StoreTarget): string {
  if ('backend' in target) return '(an open backend)';
  const options = Object.entries(maskFields(target.options));
  const told = options.map(([name, value]) => `${name}=${showScalar(value)}`);
  return [maskSecrets(target.url), ...told].join(' ');
}

/** The value of a setting for people, or what holds without one. */
export function showSetting(setting: Setting, value: unknown): string {
  const { kind, implied, secret, codeOnly } = setting;
  if (value === undefined) return implied === undefined ? '(none)' : `(${implied})`;
  if (secret === true) return (value as readonly { id: string }[]).map(({ id }) => `${id}:${MASK}`).join(', ');
  if (codeOnly === true) return '(from code)';
  if (typeof value === 'number') return kind.unit === undefined ? String(value) : units[kind.unit](value);
  if (Array.isArray(value))
    return value.length === 0
      ? '(none)'
      : value.map((item) => (typeof item === 'string' ? item : item.name)).join(', ');
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length === 0
      ? '(none)'
      : Object.entries(value)
          .map(([name, item]) => `${name}=${item}`)
          .join(', ');
  }
  return showScalar(value);
}

const units = { ms: formatSpan, bytes: formatByteSize } as const;

function showScalar(value: unknown): string {
  if (typeof value === 'string') return maskSecrets(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `(${typeof value})`;
}

function valueAt(tree: unknown, key: string): unknown {
  let value = tree;
  for (const part of key.split('.')) value = (value as Readonly<Record<string, unknown>> | undefined)?.[part];
  return value;
}
