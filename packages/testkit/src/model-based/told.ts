import { isOmniQError } from '@omniq/core/storage';
import type { Side } from './side.ts';

/**
 * What is compared of an answer, and why not all of it:
 *
 * - leases, revisions, tags and beats by their names in the side's {@link Book}: which are equal and that they grow is
 *   promised, not what they are;
 * - errors by their code: texts and details are each store's own;
 * - `dependents: false` is as good as none;
 * - sets by {@link sorted}, where the contract names no order: counts, edges, sessions, queue settings, cancelled tasks;
 * - cursors not at all: pages are followed to their end.
 */
export type Told = string | number | boolean | null | undefined | readonly Told[] | { readonly [field: string]: Told };

/**
 * Learns what was given out, smallest first: answers to calls that were under way together come in any order. Tags have
 * no order but that of the writes.
 */
export function learn(side: Side, answers: readonly unknown[]): void {
  const given: Given[] = [];
  collect(answers, given);
  given.sort((a, b) => a.rank - b.rank);
  for (const { book, key, value } of given) {
    if (book === 'tags') side.tags.learn(key, String(value));
    else side[book].learn(key, Number(value));
  }
}

interface Given {
  readonly book: 'leases' | 'revisions' | 'beats' | 'tags';
  readonly key: string;
  readonly value: number | string;
  readonly rank: number;
}

function collect(value: unknown, given: Given[]): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const { id, key, serial, tag, lease, revision, beats } = value as Readonly<Record<string, unknown>>;
  if (typeof id === 'string') {
    if (typeof lease === 'number' && lease > 0) given.push({ book: 'leases', key: id, value: lease, rank: lease });
    if (typeof revision === 'number') given.push({ book: 'revisions', key: id, value: revision, rank: revision });
    if (typeof beats === 'number') given.push({ book: 'beats', key: id, value: beats, rank: beats });
  }
  if (typeof key === 'string' && typeof tag === 'string')
    given.push({ book: 'tags', key, value: tag, rank: Number(serial) });
  for (const each of Object.values(value)) collect(each, given);
}

/** The comparable form of an answer whose leases have been learned. */
export function tell(side: Side, value: unknown): Told {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (value instanceof Error) return isOmniQError(value) ? { error: value.code } : { error: String(value) };
  if (Array.isArray(value)) return value.map((each) => tell(side, each));
  if (typeof value !== 'object' || value === null) return value as Told;
  const told: Record<string, Told> = {};
  for (const [field, each] of Object.entries(value)) {
    if (each === undefined || (field === 'dependents' && each === false)) continue;
    told[field] = nameOf(side, value, field, each) ?? tell(side, each);
  }
  return told;
}

function nameOf(side: Side, of: object, field: string, value: unknown): string | undefined {
  const { id, key } = of as { readonly id?: unknown; readonly key?: unknown };
  if (field === 'tag' && typeof key === 'string' && typeof value === 'string') return side.tags.nameOf(key, value);
  if (typeof id !== 'string' || typeof value !== 'number') return undefined;
  if (field === 'lease') return value === 0 ? 'none' : side.leases.nameOf(id, value);
  if (field === 'revision') return side.revisions.nameOf(id, value);
  return field === 'beats' ? side.beats.nameOf(id, value) : undefined;
}

/** For what the contract gives no order. */
export function sorted(told: readonly Told[]): readonly Told[] {
  const text = (value: Told): string => JSON.stringify(value);
  return [...told].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
