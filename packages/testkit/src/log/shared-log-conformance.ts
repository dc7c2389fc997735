import { defaultRunner, type TestRunner } from '../storage/conformance.ts';
import type { OpenLog } from './log-case.ts';
import { logCases } from './log-cases.ts';
import { performLogCase } from './perform-log-case.ts';

/** What this suite needs of a test runner; those of Vitest, Jest, Mocha and node:test fit. */
export type LogTestRunner = Pick<TestRunner, 'describe' | 'test'>;

/**
 * Declares the conformance suite of shared logs for one of them. What applies is read from its capabilities; nothing can
 * be skipped by an option, and what a log does not promise it keeps.
 *
 * @example
 * sharedLogConformance(
 *   'file',
 *   async () => {
 *     const folder = await freshFolder();
 *     return Object.assign(await openFileLog(folder), { again: () => openFileLog(folder) });
 *   },
 *   { describe, test },
 * );
 *
 * @param runner default: the global `describe` and `test`, else those of node:test
 */
export function sharedLogConformance(
  name: string,
  open: OpenLog,
  { describe, test }: LogTestRunner = defaultRunner(),
): void {
  describe(`${name} keeps the contract of shared logs`, () => {
    for (const subject of logCases) {
      test(`${subject.feature}: ${subject.title}`, async () => void (await performLogCase(subject, open)));
    }
  });
}
