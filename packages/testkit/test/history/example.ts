import type { CheckOptions, RuleName } from '@omniq/testkit/history';
import type { Actor, Script } from './script.ts';

/** A history made by hand, and what it is to be judged as. */
export interface Example {
  readonly title: string;
  /** May look at where the script's clock stands in the end. */
  readonly options?: CheckOptions;
  /** How many runs are duplicates; default 0. */
  readonly duplicates?: number;
  /** Writes it, by two processes whose stores are recorded. */
  readonly write: (script: Script, a: Actor, b: Actor) => void;
}

/** By the rule that they break, or seem to break. */
export type Examples = Readonly<Partial<Record<RuleName, readonly Example[]>>>;
