import { describe as nodeDescribe, test as nodeTest } from 'node:test';
import type { ConformanceCase, OpenBackend, StoreKind } from './case.ts';
import { cases } from './cases.ts';
import { performCase, type WrapBackend } from './perform-case.ts';

/** What the suite needs of a test runner; those of Vitest, Jest, Mocha and node:test fit. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly test: (name: string, body: (context?: unknown) => Promise<void>) => unknown;
  /** Runs the whole suite a second time with these layers around the backend. */
  readonly wrap?: WrapBackend;
}

const stores: readonly StoreKind[] = ['tasks', 'results', 'events', 'schedules', 'records'];

/**
 * Declares the conformance suite of the storage contract for one backend. What applies is read from the stores that the
 * backend offers and their capabilities; nothing can be skipped by an option.
 *
 * @example
 * conformance('sqlite', () => plugin.open(`sqlite:${freshFile()}`, {}), { describe, test });
 *
 * @param runner default: the global `describe` and `test`, else those of node:test
 */
export function conformance(name: string, open: OpenBackend, runner: TestRunner = defaultRunner()): void {
  declare(`${name} keeps the storage contract`, open, runner);
  if (runner.wrap !== undefined) declare(`${name} keeps the storage contract behind layers`, open, runner, runner.wrap);
}

function declare(title: string, open: OpenBackend, { describe, test }: TestRunner, wrap?: WrapBackend): void {
  describe(title, () => {
    for (const store of stores) {
      describe(store, () => {
        for (const subject of cases.filter((each) => each.store === store)) {
          test(`${subject.feature}: ${subject.title}`, (context) => perform(subject, open, wrap, context));
        }
      });
    }
  });
}

async function perform(
  subject: ConformanceCase,
  open: OpenBackend,
  wrap: WrapBackend | undefined,
  context: unknown,
): Promise<void> {
  const verdict = await performCase(subject, open, wrap);
  if (verdict === 'absent')
    (context as { skip?: (why: string) => void } | undefined)?.skip?.(`no ${subject.store} store`);
}

/** Whatever test runner this process runs under. */
export function defaultRunner(): TestRunner {
  const { describe, test } = globalThis as Partial<TestRunner>;
  if (describe !== undefined && test !== undefined) return { describe, test };
  return { describe: nodeDescribe, test: (name, body) => nodeTest(name, (context) => body(context)) };
}
