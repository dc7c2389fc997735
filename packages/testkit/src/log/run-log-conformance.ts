import { within, type ConformanceOptions, type Tally } from '../storage/run-conformance.ts';
import type { LogCase, OpenLog } from './log-case.ts';
import { logCases } from './log-cases.ts';
import { performLogCase } from './perform-log-case.ts';

export interface LogConformanceFailure {
  readonly feature: string;
  readonly title: string;
  readonly error: unknown;
}

/** `skipped` are the cases that hold a log to what it does not promise. */
export interface LogConformanceReport extends Readonly<Tally> {
  readonly name: string;
  readonly features: Readonly<Record<string, Readonly<Tally>>>;
  readonly failures: readonly LogConformanceFailure[];
}

export type LogConformanceOptions = Pick<ConformanceOptions, 'caseTimeoutMs' | 'bail'>;

/** Runs the suite without a test runner. Never rejects for what the log does: it is in the report. */
export async function runLogConformance(
  name: string,
  open: OpenLog,
  { caseTimeoutMs = 60_000, bail = false }: LogConformanceOptions = {},
): Promise<LogConformanceReport> {
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  const features: Record<string, Tally> = {};
  const failures: LogConformanceFailure[] = [];
  for (const subject of logCases) {
    const tally = (features[subject.feature] ??= { passed: 0, failed: 0, skipped: 0 });
    const verdict = await judge(subject, open, caseTimeoutMs);
    if (typeof verdict === 'object') failures.push(verdict);
    const column = typeof verdict === 'object' ? 'failed' : verdict === 'absent' ? 'skipped' : 'passed';
    tally[column] += 1;
    total[column] += 1;
    if (bail && failures.length > 0) break;
  }
  return { name, ...total, features, failures };
}

async function judge(
  subject: LogCase,
  open: OpenLog,
  caseTimeoutMs: number,
): Promise<'proved' | 'absent' | LogConformanceFailure> {
  const { feature, title } = subject;
  try {
    return await within(caseTimeoutMs, performLogCase(subject, open));
  } catch (error) {
    return { feature, title, error };
  }
}
