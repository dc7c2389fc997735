import type { ConformanceCase, OpenBackend } from './case.ts';
import { cases } from './cases.ts';
import { performCase, type WrapBackend } from './perform-case.ts';

export interface Tally {
  passed: number;
  failed: number;
  /** Of a store that the backend does not offer. */
  skipped: number;
}

export interface ConformanceFailure {
  readonly store: string;
  readonly feature: string;
  readonly title: string;
  /** It failed only behind the layers. */
  readonly layered: boolean;
  readonly error: unknown;
}

export interface ConformanceReport extends Readonly<Tally> {
  readonly name: string;
  /** By `store/feature`. */
  readonly features: Readonly<Record<string, Readonly<Tally>>>;
  readonly failures: readonly ConformanceFailure[];
}

export interface ConformanceOptions {
  /** Every case runs a second time with these layers around the backend, and passes only if it does both times. */
  readonly wrap?: WrapBackend;
  /** A case that takes longer has failed; default 60,000 ms. */
  readonly caseTimeoutMs?: number;
  /** Ends at the first failure; what was not run is in no number. */
  readonly bail?: boolean;
}

/** Runs the conformance suite without a test runner. Never rejects for what the backend does: it is in the report. */
export async function runConformance(
  name: string,
  open: OpenBackend,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  const features: Record<string, Tally> = {};
  const failures: ConformanceFailure[] = [];
  for (const subject of cases) {
    const tally = (features[`${subject.store}/${subject.feature}`] ??= { passed: 0, failed: 0, skipped: 0 });
    const verdict = await judge(subject, open, options);
    if (typeof verdict === 'object') failures.push(verdict);
    const column = typeof verdict === 'object' ? 'failed' : verdict === 'absent' ? 'skipped' : 'passed';
    tally[column] += 1;
    total[column] += 1;
    if (options.bail === true && failures.length > 0) break;
  }
  return { name, ...total, features, failures };
}

async function judge(
  subject: ConformanceCase,
  open: OpenBackend,
  { wrap, caseTimeoutMs = 60_000 }: ConformanceOptions,
): Promise<'proved' | 'absent' | ConformanceFailure> {
  const { store, feature, title } = subject;
  let layered = false;
  try {
    const verdict = await within(caseTimeoutMs, performCase(subject, open));
    if (wrap === undefined || verdict === 'absent') return verdict;
    layered = true;
    return await within(caseTimeoutMs, performCase(subject, open, wrap));
  } catch (error) {
    return { store, feature, title, layered, error };
  }
}

/** Rejects where `work` has not ended after `ms`. */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The case did not end within ${ms} ms.`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
