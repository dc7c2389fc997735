import { builtInOf, builtIns, schemeOf } from '../backends/built-in.ts';
import { storeNames, type CheckedLayer } from './checked-layer.ts';
import type { Problems } from './problems.ts';
import type { Said } from './raw-leaf.ts';
import type { StoreName, StoreTarget, UrlTarget } from './settings.ts';
import type { TypedTarget } from './store-setting.ts';

const inMemory: Said<StoreTarget> = {
  value: { url: 'memory:', options: {}, bareNumber: 'ms' },
  origin: { source: 'default' },
};

/** Where these types are when nobody says; the others have no place that could be guessed. */
const places: Readonly<Record<string, string>> = {
  memory: 'memory:',
  file: 'file:./omniq_data',
  sqlite: 'sqlite:./omniq_data/omniq.db',
};

/** Each store by the strongest source that names it; the others follow the tasks. `layers`: strongest first. */
export function mergeStores(
  layers: readonly CheckedLayer[],
  objectStore: Said<string> | undefined,
  problems: Problems,
): Readonly<Record<StoreName, Said<StoreTarget>>> {
  const found = (name: StoreName): Said<StoreTarget> | undefined => {
    const said = layers.map(({ stores }) => stores.get(name)).filter((given) => given !== undefined);
    const [first, ...weaker] = said;
    if (first === undefined) return undefined;
    if (!isTyped(first.value)) return { value: first.value, origin: first.origin };
    return placed(name, { value: first.value, origin: first.origin }, weaker, objectStore, problems);
  };
  const tasks = found('tasks') ?? inMemory;
  const entries = storeNames.map((name) => [name, (name === 'tasks' ? undefined : found(name)) ?? tasks]);
  return Object.fromEntries(entries) as Record<StoreName, Said<StoreTarget>>;
}

/** The object store of the environment, what a weaker source says of the same type, or the place by default. */
function placed(
  name: StoreName,
  { value: { type, options, bareNumber }, origin }: Said<TypedTarget>,
  weaker: readonly Said<StoreTarget | TypedTarget>[],
  objectStore: Said<string> | undefined,
  problems: Problems,
): Said<StoreTarget> | undefined {
  if (type === 'file' && objectStore !== undefined)
    return { value: { url: objectStore.value, options, bareNumber }, origin: objectStore.origin };
  const same = weaker.find((said): said is Said<UrlTarget> => isUrl(said.value) && typeOf(said.value.url) === type);
  if (same !== undefined) return same;
  const url = places[type];
  if (url !== undefined) return { value: { url, options, bareNumber }, origin };
  const example = builtIns.find((backend) => backend.name === type)?.example;
  const wanted = origin.source === 'env' ? origin.name.replace(/_TYPE$/u, '_URL') : 'a url';
  problems.add(origin, name, `names ${type} but not where it is; give ${wanted}, such as ${example}`);
  return undefined;
}

function isTyped(target: StoreTarget | TypedTarget): target is TypedTarget {
  return 'type' in target;
}

function isUrl(target: StoreTarget | TypedTarget): target is UrlTarget {
  return 'url' in target;
}

function typeOf(url: string): string | undefined {
  const scheme = schemeOf(url);
  return scheme === undefined ? undefined : (builtInOf(scheme)?.name ?? scheme);
}
