import type { BackendPlugin } from '@omniq/core/storage';
import { checkOptions } from '../backends/backend-options.ts';
import { checkPlugin, findPlugin } from '../backends/find-plugin.ts';
import { prepareOpening, type OpenedBackend } from '../backends/open-backend.ts';
import { maskSecrets } from '../config/mask-secrets.ts';
import type { ResolvedConfig } from '../config/resolved-config.ts';
import type { Settings, StoreName, StoreTarget } from '../config/settings.ts';

/** One backend of a configuration, not opened yet. */
export interface ConfiguredBackend {
  /** As the plugin calls itself; `given` for one that came open. */
  readonly name: string;
  /** With its scheme and its secrets; empty for one that came open. */
  readonly rawUrl: string;
  /** Without secrets. */
  readonly url: string;
  /** What it was chosen for. */
  readonly stores: readonly StoreName[];
  /** Absent for one that came open. */
  readonly plugin?: BackendPlugin;
  /** Checked, durations in ms. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly open: () => Promise<OpenedBackend>;
}

const storeNames = ['tasks', 'results', 'events', 'schedules', 'outbox'] as const;

/**
 * The backends of a configuration, each once, with the stores that it was chosen for.
 * @throws OmniQError `BACKEND_UNKNOWN`, `BACKEND_MISSING`, `CONTRACT_MISMATCH`, `INVALID_OPTION`
 */
export async function configuredBackends(
  { settings }: ResolvedConfig,
  cwd: string,
): Promise<readonly ConfiguredBackend[]> {
  const found = new Map<string, ConfiguredBackend>();
  for (const name of storeNames) {
    const { identity, backend } = await find(settings, name, cwd);
    const known = found.get(identity);
    // Where tasks take part in transactions themselves, there is no outbox to speak of.
    if (name === 'outbox' && known?.stores.includes('tasks') === true) continue;
    found.set(identity, known === undefined ? backend : { ...known, stores: [...known.stores, name] });
  }
  return [...found.values()];
}

async function find(
  settings: Settings,
  name: StoreName,
  cwd: string,
): Promise<{ readonly identity: string; readonly backend: ConfiguredBackend }> {
  const { plugins, namespace } = settings;
  const target: StoreTarget = settings.stores[name];
  const sources = { plugins, from: cwd };
  const opening = await prepareOpening(target, { ...sources, ...(namespace === undefined ? {} : { namespace }) });
  const { identity } = opening;
  const open = (): Promise<OpenedBackend> => opening.open();
  if ('backend' in target) {
    const shown = { name: 'given', rawUrl: '', url: '(an open backend)' };
    return { identity, backend: { ...shown, stores: [name], options: {}, open } };
  }
  const { url } = target;
  const plugin =
    target.plugin === undefined ? await findPlugin(url, sources) : checkPlugin(target.plugin, target.plugin.name);
  const kept = namespace !== undefined && Object.hasOwn(plugin.options, 'namespace') ? { namespace } : {};
  const options = { ...kept, ...checkOptions(plugin, target.options, target.bareNumber) };
  const shown = { name: plugin.name, rawUrl: url, url: maskSecrets(url) };
  return { identity, backend: { ...shown, stores: [name], plugin, options, open } };
}
