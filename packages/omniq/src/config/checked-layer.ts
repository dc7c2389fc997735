import type { Kind, Medium } from './kinds.ts';
import { storeKeys } from './known-keys.ts';
import { shown, type Problems } from './problems.ts';
import type { Layer, RawLeaf, Said } from './raw-leaf.ts';
import { settings, type Setting } from './setting-table.ts';
import type { StoreName, StoreTarget } from './settings.ts';
import { readStore, type TypedTarget } from './store-setting.ts';

/** What one source says, checked. */
export interface CheckedLayer {
  readonly values: ReadonlyMap<string, Said<unknown>>;
  readonly stores: ReadonlyMap<StoreName, Said<StoreTarget | TypedTarget>>;
}

export const storeNames: readonly StoreName[] = ['tasks', 'results', 'events', 'schedules', 'outbox'];

/** Checks every leaf of a source and gathers what is wrong. */
export function checkLayer({ medium, leaves }: Layer, problems: Problems): CheckedLayer {
  const values = new Map<string, Said<unknown>>();
  const named = new Map<string, Said<StoreTarget | TypedTarget>>();
  for (const leaf of leaves) {
    const setting = settings.get(leaf.key);
    if (setting !== undefined) {
      const value = checkValue(leaf, setting, medium, problems);
      if (value !== undefined) values.set(leaf.key, { value, origin: leaf.origin });
    } else if (storeKeys.includes(leaf.key)) {
      const target = readStore(leaf, medium, problems);
      if (target !== undefined) named.set(leaf.key, { value: target, origin: leaf.origin });
    }
  }
  checkAttempts(leaves, problems);
  countAttempts(values);
  return { values, stores: storesOf(named) };
}

function checkValue(leaf: RawLeaf, setting: Setting, medium: Medium, problems: Problems): unknown {
  const { kind } = setting;
  if (setting.codeOnly === true && medium !== 'code') {
    problems.add(leaf.origin, leaf.written, 'can only be given from code');
    return undefined;
  }
  const answer = kind.schema.safeParse(kind.prepare(leaf.raw, medium));
  if (answer.success) return answer.data;
  const given = setting.secret === true ? 'is not what is expected' : `is ${shown(leaf.raw)}`;
  problems.add(
    leaf.origin,
    leaf.written,
    `${given}; expected ${kind.expects}${bare(kind, medium)}${meant(kind, leaf.raw)}`,
  );
  return undefined;
}

/** What a bare number would be, where that depends on who says it. */
function bare(kind: Kind<unknown>, medium: Medium): string {
  if (kind.unit !== 'ms') return '';
  return medium === 'code' ? ', or a number of milliseconds' : ', or a number of seconds';
}

function meant(kind: Kind<unknown>, raw: unknown): string {
  const nearest = typeof raw === 'string' ? kind.nearest?.(raw) : undefined;
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Both in one source: nobody could say which of them was meant. */
function checkAttempts(leaves: readonly RawLeaf[], problems: Problems): void {
  const attempts = leaves.find(({ key }) => key === 'defaults.retry.maxAttempts');
  const retries = leaves.find(({ key }) => key === 'defaults.retry.maxRetries');
  if (attempts === undefined || retries === undefined) return;
  const other =
    retries.origin.source === 'env' && attempts.origin.source === 'env'
      ? attempts.origin.name
      : `\`${attempts.written}\``;
  problems.add(
    retries.origin,
    retries.written,
    `and ${other} say the same thing twice; give one: maxAttempts counts executions, maxRetries is one less`,
  );
}

/** Retries are kept as attempts, so that of several sources the strongest decides whichever word it uses. */
function countAttempts(values: Map<string, Said<unknown>>): void {
  const retries = values.get('defaults.retry.maxRetries');
  if (retries === undefined) return;
  values.delete('defaults.retry.maxRetries');
  values.set('defaults.retry.maxAttempts', { ...retries, value: (retries.value as number) + 1 });
}

/** `storage` stands for each store that this source does not name; an outbox is there only if it is named. */
function storesOf(named: ReadonlyMap<string, Said<StoreTarget | TypedTarget>>): CheckedLayer['stores'] {
  const stores = new Map<StoreName, Said<StoreTarget | TypedTarget>>();
  for (const name of storeNames) {
    const said = named.get(name) ?? (name === 'outbox' ? undefined : named.get('storage'));
    if (said !== undefined) stores.set(name, said);
  }
  return stores;
}
