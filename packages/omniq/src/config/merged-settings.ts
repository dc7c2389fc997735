import type { CheckedLayer } from './checked-layer.ts';
import type { Said } from './raw-leaf.ts';
import type { Origin, ResolvedConfig } from './resolved-config.ts';
import { settings } from './setting-table.ts';
import type { Settings, StoreName, StoreTarget } from './settings.ts';

/** Every value by the strongest source that says it, else its default. `layers`: strongest first. */
export function mergeSettings(
  layers: readonly CheckedLayer[],
  stores: Readonly<Record<StoreName, Said<StoreTarget>>>,
): Pick<ResolvedConfig, 'settings' | 'origins'> {
  const origins = new Map<string, Origin>(Object.entries(stores).map(([name, { origin }]) => [name, origin]));
  const tree: Record<string, unknown> = {
    worker: {},
    defaults: {},
    retention: {},
    limits: {},
    codec: {},
    events: {},
    logging: {},
    dashboard: {},
  };
  tree['stores'] = Object.fromEntries(Object.entries(stores).map(([name, { value }]) => [name, value]));
  for (const [key, setting] of settings) {
    const said = layers.map(({ values }) => values.get(key)).find((given) => given !== undefined);
    const value = said?.value ?? setting.default;
    if (value === undefined) continue;
    origins.set(key, said?.origin ?? { source: 'default' });
    put(tree, key.split('.'), value);
  }
  return { settings: tree as unknown as Settings, origins };
}

function put(tree: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    tree[first] = value;
    return;
  }
  const section = (tree[first] ?? {}) as Record<string, unknown>;
  tree[first] = section;
  put(section, rest, value);
}
