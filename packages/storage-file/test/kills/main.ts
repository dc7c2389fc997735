import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runKills } from './run-kills.ts';
import { runRecordKills } from './run-record-kills.ts';

/** `node test/kills/main.ts [--kills 200] [--writers 4]`: prints what came of it; exits with 1 if anything is amiss. */
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, writers: { type: 'string', default: '4' } },
});
const options = { kills: Number(values.kills), writers: Number(values.writers), random: Math.random };

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'omniq-kills-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const log = await inFolder((folder) => runKills({ ...options, folder }));
console.log(
  `log: ${log.kills} kills, ${log.entries} entries, ${log.acknowledged} of them acknowledged: ` +
    `${log.lost.length} lost, ${log.doubled.length} doubled, ${log.torn.length} torn, ${log.gaps} gaps`,
);
const record = await inFolder((folder) => runRecordKills({ ...options, folder }));
console.log(
  `record: ${record.kills} kills, ${record.changes} changes acknowledged: ${record.usedTwice.length} tags used twice, ` +
    `${record.open} open, ${record.isUsable ? 'usable' : 'NOT USABLE'}`,
);
const isLogSound = log.lost.length + log.doubled.length + log.torn.length + log.gaps === 0;
const isRecordSound = record.usedTwice.length === 0 && record.open <= record.kills + 1 && record.isUsable;
process.exitCode = isLogSound && isRecordSound ? 0 : 1;
