import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startPostgres } from '@omniq/testkit/servers';
import { tortureCommits } from './commit/commit-torture.ts';
import { randomFrom } from './random.ts';

const help = `Kills processes that complete tasks in transactions of their own, and looks whether a line in the ledger was ever
written without its task being completed, or the other way round. Exits with 1 if so.

  node apps/torture/src/commit.ts [options]

--store NAME   sqlite or postgres; default sqlite
--kills N      how many kills; default 100
--seed S       of where they strike; default random, and printed
`;

async function main(): Promise<number> {
  const options = { store: { type: 'string' }, kills: { type: 'string' }, seed: { type: 'string' } } as const;
  const { values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(help);
    return 0;
  }
  const { store = 'sqlite', kills = '100', seed = String(Math.floor(Math.random() * 1e9)) } = values;
  console.log(`seed ${seed}, ${kills} kills, ${store}`);
  const place = await openPlace(store);
  try {
    const { violations, ...counts } = await tortureCommits(place.url, Number(kills), randomFrom(Number(seed)));
    for (const violation of violations) console.log(violation);
    console.log({ ...counts, violations: violations.length });
    return violations.length === 0 ? 0 : 1;
  } finally {
    await place.close();
  }
}

async function openPlace(store: string): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  if (store === 'postgres') {
    const { url, stop } = await startPostgres();
    return { url, close: stop };
  }
  if (store !== 'sqlite') throw new Error(`--store is ${store}; it is sqlite or postgres.`);
  const folder = await mkdtemp(join(tmpdir(), 'omniq-torture-'));
  return { url: `sqlite:${join(folder, 'app.db')}`, close: () => rm(folder, { recursive: true, force: true }) };
}

process.exitCode = await main();
