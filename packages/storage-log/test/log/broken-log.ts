import type { SharedLog } from '@omniq/core/storage';
import type { SharedMemory } from './memory-log.ts';

/** A log in memory with one bug, and the feature of the conformance suite that has to catch it. */
export interface BrokenLog {
  readonly bug: string;
  readonly feature: string;
  /** Which kinds of log have it; default both. */
  readonly kinds?: readonly ('log' | 'writers')[];
  /** The case waits for what never comes. */
  readonly isSilent?: true;
  /** What an opening does in place of the verbs of an intact one. */
  readonly verbs: (intact: Verbs, memory: SharedMemory) => Partial<SharedLog>;
}

/** The verbs of a log as functions that stand for themselves. */
type Verbs = {
  readonly [K in keyof SharedLog]: SharedLog[K] extends (...given: infer Given) => infer Answer
    ? (...given: Given) => Answer
    : SharedLog[K];
};

export const WRITERS: Pick<BrokenLog, 'kinds'> = { kinds: ['writers'] };
export const LOG: Pick<BrokenLog, 'kinds'> = { kinds: ['log'] };

/** Puts the bug into an opening. */
export function breakLog({ verbs }: BrokenLog, log: SharedLog, memory: SharedMemory): SharedLog {
  const intact: Verbs = {
    capabilities: log.capabilities,
    append: log.append.bind(log),
    read: log.read.bind(log),
    watch: log.watch.bind(log),
    saveSnapshot: log.saveSnapshot.bind(log),
    loadSnapshot: log.loadSnapshot.bind(log),
    trim: log.trim.bind(log),
    close: log.close.bind(log),
  };
  return { ...intact, ...verbs(intact, memory) };
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
