import { OmniQError, isOmniQError } from '@omniq/core';
import type { Backend, BackendPlugin } from '@omniq/core/storage';
import { maskSecrets } from '../config/mask-secrets.ts';
import type { StoreTarget, UrlTarget } from '../config/settings.ts';
import { checkOptions } from './backend-options.ts';
import { checkPlugin, findPlugin, type PluginSources } from './find-plugin.ts';
import { isBackend, isPlugin } from './plugin-shape.ts';

export interface OpenOptions extends PluginSources {
  /** Options of the backend, over those of the target. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Keeps several installations apart; given to the backend as its option of this name. */
  readonly namespace?: string;
}

/** A backend and what is known of it. */
export interface OpenedBackend {
  /** As the plugin calls itself; `given` for one that came open. */
  readonly name: string;
  /** Without secrets. */
  readonly url: string;
  readonly backend: Backend;
  /** Came open from the application, which also closes it. */
  readonly given: boolean;
}

/** What opens a target: found, checked, ready. Two with the same `identity` would open the same thing. */
export interface Opening {
  readonly identity: string;
  open(): Promise<OpenedBackend>;
}

/**
 * Opens what a target names: a backend that is open already wins, then its own plugin, then the plugins given, then the
 * built-in ones by the scheme of the URL.
 * @throws OmniQError `BACKEND_UNKNOWN`, `BACKEND_MISSING`, `CONTRACT_MISMATCH`, `INVALID_OPTION`, and what the backend throws
 */
export async function openBackend(
  target: StoreTarget | Backend | BackendPlugin | string,
  options: OpenOptions = {},
): Promise<OpenedBackend> {
  if (isBackend(target)) return given(target);
  const opening = await prepareOpening(asTarget(target), options);
  return opening.open();
}

/** Finds the plugin and checks the options, and opens nothing yet. Throws as {@link openBackend} does. */
export async function prepareOpening(target: StoreTarget, options: OpenOptions): Promise<Opening> {
  if ('backend' in target)
    return { identity: `given ${identityOf(target.backend)}`, open: () => Promise.resolve(given(target.backend)) };
  const plugin =
    target.plugin === undefined
      ? await findPlugin(target.url, options)
      : checkPlugin(target.plugin, target.plugin.name);
  const checked = checkOptions(plugin, { ...target.options, ...options.options }, target.bareNumber);
  const all = { ...namespaceFor(plugin, options.namespace), ...checked };
  return {
    identity: `${identityOf(plugin)} ${afterScheme(target.url)} ${describeOptions(all)}`,
    open: () => openWith(plugin, target.url, all),
  };
}

async function openWith(
  plugin: BackendPlugin,
  url: string,
  options: Readonly<Record<string, unknown>>,
): Promise<OpenedBackend> {
  const shown = maskSecrets(url);
  try {
    return { name: plugin.name, url: shown, backend: await plugin.open(url, options), given: false };
  } catch (cause) {
    if (isOmniQError(cause)) throw cause;
    const reason = cause instanceof Error ? maskSecrets(cause.message) : String(cause);
    throw new OmniQError('STORE_UNREACHABLE', `The backend ${plugin.name} did not open ${shown}: ${reason}`, {
      cause,
      backend: plugin.name,
    });
  }
}

function asTarget(target: StoreTarget | BackendPlugin | string): StoreTarget {
  if (typeof target === 'string') return { url: target, options: {}, bareNumber: 'ms' } satisfies UrlTarget;
  return isPlugin(target)
    ? { url: `${target.schemes[0] ?? target.name}:`, options: {}, bareNumber: 'ms', plugin: target }
    : target;
}

function given(backend: Backend): OpenedBackend {
  return { name: 'given', url: '(an open backend)', backend, given: true };
}

/** A namespace that is not kept would mix what was meant to be apart, so a backend without one refuses it. */
function namespaceFor(plugin: BackendPlugin, namespace: string | undefined): Readonly<Record<string, unknown>> {
  if (namespace === undefined) return {};
  if (Object.hasOwn(plugin.options, 'namespace')) return { namespace };
  // Memory is one process's own: nothing else is in it.
  if (plugin.name === 'memory') return {};
  throw new OmniQError(
    'UNSUPPORTED',
    `The backend ${plugin.name} keeps no namespaces apart, and the namespace ${namespace} is configured.`,
    {
      hint: 'Give each installation a place of its own, and no namespace.',
      backend: plugin.name,
    },
  );
}

const numbers = new WeakMap<object, number>();
let last = 0;

/** A number that is the same for the same object. */
function identityOf(object: object): number {
  const known = numbers.get(object) ?? ++last;
  numbers.set(object, known);
  return known;
}

/** `postgres:` and `postgresql:` are one thing to their plugin, and so are `memory:` and `memory://`. */
function afterScheme(url: string): string {
  return url.slice(url.indexOf(':') + 1).replace(/^\/\/$/u, '');
}

function describeOptions(options: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(options).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const isObject = (value: unknown): value is object =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';
  return JSON.stringify(
    entries.map(([name, value]) => [name, isObject(value) ? `object ${identityOf(value)}` : value]),
  );
}
