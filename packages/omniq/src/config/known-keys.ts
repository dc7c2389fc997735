import { settings } from './setting-table.ts';

export const storeKeys: readonly string[] = ['storage', 'tasks', 'results', 'events', 'schedules', 'outbox'];

/** The older way to name one store of everything: by type and folder. */
const storageParts: ReadonlyMap<string, string> = new Map([
  ['backend', 'type'],
  ['storageType', 'type'],
  ['baseDir', 'baseDir'],
]);

/** The field of `storage` that a top-level key stands for. */
export function storagePartOf(key: string): string | undefined {
  return storageParts.get(key);
}

const byAlias = new Map<string, string>();
const sections = new Set<string>();
for (const [key, { alias = [] }] of settings) {
  for (const other of alias) byAlias.set(other, key);
  const parts = key.split('.');
  for (let depth = 1; depth < parts.length; depth++) sections.add(parts.slice(0, depth).join('.'));
}

/** The key of a setting behind this key or one of its other names. */
export function settingKeyOf(key: string): string | undefined {
  const known = byAlias.get(key) ?? key;
  return settings.has(known) ? known : undefined;
}

export function isSection(key: string): boolean {
  return sections.has(key);
}

/** `max_retries` is read as `maxRetries`: both are accepted everywhere. */
export function camelCase(key: string): string {
  return key.replaceAll(/(?<=[a-z0-9])_([a-z0-9])/gu, (_all, letter: string) => letter.toUpperCase());
}

/** Keys that a wrong one in this section may have meant: its neighbours first, then all others, in full. */
export function candidates(section: string): { readonly near: readonly string[]; readonly far: readonly string[] } {
  const all = [...settings.keys(), ...storeKeys, 'environments'];
  const inside = all.filter((key) => key.startsWith(section)).map((key) => key.slice(section.length));
  return { near: [...new Set(inside.map((key) => key.split('.')[0] ?? key))], far: all };
}
