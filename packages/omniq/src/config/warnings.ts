import { objectStoreNames } from './environment-layer.ts';
import { nearestName } from './nearest-name.ts';
import { flat, shown } from './problems.ts';
import type { Said } from './raw-leaf.ts';
import type { StoreName, StoreTarget } from './settings.ts';

type Stores = Readonly<Record<StoreName, Said<StoreTarget>>>;

/** A place for files that no store took. */
export function unusedObjectStore(objectStore: Said<string> | undefined, stores: Stores): readonly string[] {
  const used = Object.values(stores).some(({ value }) => 'url' in value && value.url === objectStore?.value);
  if (objectStore === undefined || used) return [];
  return [`${objectStoreNames[0]} is set, but no store has the type file without a URL of its own, so it is not used.`];
}

/** `OMNIQ_ENV` names no section, though there are some: most likely a typing error. `told`: the sections. */
export function unknownEnvironment(wanted: string | undefined, told: ReadonlySet<string>): readonly string[] {
  if (wanted === undefined || told.size === 0 || told.has(wanted)) return [];
  const meant = nearestName(wanted, told);
  const hint = meant === undefined ? `there are ${[...told].map(flat).join(', ')}` : `did you mean ${flat(meant)}?`;
  return [`OMNIQ_ENV is ${shown(wanted)}, and no file has a section for it in environments; ${hint}`];
}

/** Memory storage that nobody asked for. */
export function forgetful(stores: Stores): readonly string[] {
  if (stores.tasks.origin.source !== 'default') return [];
  return [
    "No store is configured: tasks are kept in memory and nothing outlives this process. Name one, such as 'sqlite:./jobs.db'.",
  ];
}
