import { systemAmbient } from '@omniq/core';
import { logCases, runLogConformance, type OpenLog } from '@omniq/testkit/log';
import { describe, expect, test } from 'vitest';
import { brokenAppends } from './broken-appends.ts';
import { breakLog } from './broken-log.ts';
import { brokenReads } from './broken-reads.ts';
import { brokenUpkeep } from './broken-upkeep.ts';
import { freshMemoryLog } from './fresh-memory-log.ts';
import type { MemoryLogOptions } from './memory-log.ts';

const kinds: readonly MemoryLogOptions[] = [
  { numberedBy: 'log', clock: systemAmbient.clock, durable: true },
  { numberedBy: 'writers', clock: null, durable: true },
];
const broken = [...brokenAppends, ...brokenReads, ...brokenUpkeep];

for (const options of kinds) {
  describe(`of a log numbered by ${options.numberedBy}, the suite catches`, () => {
    const bugs = broken.filter((each) => each.kinds?.includes(options.numberedBy) ?? true);
    test.each(bugs)('$bug', async (bug) => {
      const open = freshMemoryLog(options, (log, memory) => breakLog(bug, log, memory));
      const failure = firstFailure(bug.feature, open);
      expect(await (bug.isSilent ? Promise.race([failure, silence()]) : failure)).toBeDefined();
    });

    test('nothing where there is no bug', async () => {
      const { failures } = await runLogConformance('intact', freshMemoryLog(options));
      expect(failures).toEqual([]);
    });
  });
}

test('there are bugs for every feature', () => {
  expect(new Set(broken.map(({ feature }) => feature))).toEqual(new Set(logCases.map(({ feature }) => feature)));
});

async function firstFailure(feature: string, open: OpenLog): Promise<unknown> {
  for (const subject of logCases.filter((each) => each.feature === feature)) {
    const failure = await subject.run(open).then(
      () => undefined,
      (error: Error) => error,
    );
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Nothing was heard for longer than any case takes that an intact log passes. */
function silence(): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, 500, 'silence'));
}
