import type { Act } from './act.ts';
import type { Book } from './book.ts';

/** What can be broken, by the word that a verdict names it with. */
export type RuleName =
  | 'lost'
  | 'invented'
  | 'stale-settle'
  | 'double-terminal'
  | 'run-after-end'
  | 'lease'
  | 'overlap'
  | 'early'
  | 'expired'
  | 'cancelled'
  | 'paused'
  | 'order'
  | 'limit'
  | 'order-key'
  | 'unique'
  | 'attempts'
  | 'slot';

/** A promise that was broken, with the acts that prove it. */
export interface Finding {
  readonly rule: RuleName;
  readonly ids: readonly string[];
  /** One sentence. */
  readonly about: string;
  readonly acts: readonly Act[];
}

/** Finds all that breaks one promise, or a few that hang together. */
export type Rule = (book: Book) => Iterable<Finding>;
