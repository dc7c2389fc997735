import { isBackend, isPlugin } from '../backends/plugin-shape.ts';
import { camelCase, candidates, isSection, settingKeyOf, storagePartOf, storeKeys } from './known-keys.ts';
import { nearestName } from './nearest-name.ts';
import { flat, shown, type Problems } from './problems.ts';
import type { RawLeaf } from './raw-leaf.ts';
import type { Origin } from './resolved-config.ts';

export type Tree = Readonly<Record<string, unknown>>;

/** Where a value of the tree was written, by its keys from the root. */
export type OriginAt = (keys: readonly string[]) => Origin;

const MAX_DEPTH = 12;

/** Only plain objects are sections: an instance of a class is somebody's value. */
export function isTree(value: unknown): value is Tree {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** The leaves of a tree of sections, under their present names. Keys that are unknown or given twice are problems. */
export function leavesOf(
  tree: Tree,
  originAt: OriginAt,
  problems: Problems,
  root: readonly string[] = [],
): readonly RawLeaf[] {
  const found = new Map<string, RawLeaf>();
  const storage: Record<string, unknown> = {};
  const add = (leaf: RawLeaf): void => {
    const first = found.get(leaf.key);
    if (first === undefined) found.set(leaf.key, leaf);
    else problems.add(leaf.origin, leaf.written, `is given twice: \`${first.written}\` says the same`);
  };
  const walk = (node: Tree, keys: readonly string[], section: string): void => {
    for (const [key, raw] of Object.entries(node)) {
      if (raw === undefined || raw === null) continue;
      const here = [...keys, key];
      const name = section + camelCase(key);
      const written = section + key;
      const origin = originAt([...root, ...here]);
      const known = settingKeyOf(name);
      const part = storagePartOf(name);
      if (known !== undefined) add({ key: known, written, raw, origin });
      else if (part !== undefined) storage[part] = raw;
      else if (name === 'events') walkEvents({ key: name, written, raw, origin }, here);
      else if (storeKeys.includes(name)) add({ key: name, written, raw, origin });
      else if (!isSection(name) || keys.length > MAX_DEPTH)
        problems.add(origin, flat(written), problems.isLong ? 'is unknown' : unknown(section, key));
      else if (isTree(raw)) walk(raw, here, `${name}.`);
      else problems.add(origin, written, `is ${shown(raw)}; expected a section of keys and values`);
    }
  };
  /** One word for two things: where events are kept, and which. */
  const walkEvents = (leaf: RawLeaf, keys: readonly string[]): void => {
    if (!isTree(leaf.raw) || isBackend(leaf.raw) || isPlugin(leaf.raw)) return add(leaf);
    const isSetting = (key: string): boolean => settingKeyOf(`events.${camelCase(key)}`) !== undefined;
    const entries = Object.entries(leaf.raw);
    walk(Object.fromEntries(entries.filter(([key]) => isSetting(key))), keys, 'events.');
    const store = entries.filter(([key]) => !isSetting(key));
    const namesStore = store.some(([key]) => ['url', 'type', 'plugin', 'baseDir', 'base_dir'].includes(key));
    if (namesStore) add({ ...leaf, raw: Object.fromEntries(store) });
    else
      for (const [key] of store)
        problems.add(originAt([...root, ...keys, key]), flat(`events.${key}`), unknown('events.', key));
  };
  walk(tree, [], '');
  if (Object.keys(storage).length > 0) {
    const [key = 'backend'] = Object.keys(tree).filter((given) => storagePartOf(camelCase(given)) !== undefined);
    add({ key: 'storage', written: key, raw: storage, origin: originAt([...root, key]) });
  }
  return [...found.values()];
}

function unknown(section: string, key: string): string {
  const { near, far } = candidates(section);
  const neighbour = nearestName(key, near);
  const meant = neighbour === undefined ? meantElsewhere(key, far) : section + neighbour;
  return meant === undefined ? 'is unknown' : `is unknown; did you mean \`${meant}\`?`;
}

/** A right key in the wrong section, or a whole path written as one word. */
function meantElsewhere(key: string, all: readonly string[]): string | undefined {
  const lasts = new Map(all.map((full) => [full.split('.').at(-1) ?? full, full]));
  const last = nearestName(key, lasts.keys());
  return last === undefined ? nearestName(key, all) : lasts.get(last);
}
