import { runModel } from '../../src/model-based/index.ts';
import { knownDifferences } from './known-differences.ts';
import { openMemory, openSqliteInMemory } from './subjects.ts';

/** Compares SQLite with memory, each of the known differences let in by itself. */
for (const topic of knownDifferences) {
  const without = knownDifferences.filter((each) => each !== topic);
  const options = { reference: openMemory, without, runs: 5_000, limitMs: 60_000 };
  const { failure, sequences } = await runModel('sqlite', openSqliteInMemory, 'sequential', options);
  console.log(`\n${topic}: ${failure === undefined ? `no difference in ${sequences} sequences` : `\n${failure}`}`);
}
