import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { freshFolders } from './folder.ts';
import { runKills } from './kills/run-kills.ts';
import { runRecordKills } from './kills/run-record-kills.ts';

const fresh = freshFolders();

// `node test/kills/main.ts --kills 200` does the same for longer.
test(
  'writers that are killed in the midst of appending lose nothing that was acknowledged',
  { timeout: 60_000 },
  async () => {
    const folder = fresh();
    mkdirSync(folder);
    const report = await runKills({ folder, kills: 20, writers: 4, random: Math.random });
    expect(report).toMatchObject({ kills: 20, lost: [], doubled: [], torn: [], gaps: 0 });
    expect(report.acknowledged).toBeGreaterThan(20);
    expect(report.entries).toBeGreaterThanOrEqual(report.acknowledged);
  },
);

test(
  'writers that are killed in the midst of a change leave each tag used once, and nothing locked',
  { timeout: 60_000 },
  async () => {
    const folder = fresh();
    mkdirSync(folder);
    const report = await runRecordKills({ folder, kills: 20, writers: 4, random: Math.random });
    expect(report).toMatchObject({ kills: 20, usedTwice: [], isUsable: true });
    expect(report.open).toBeLessThanOrEqual(20 + 1);
    expect(report.changes).toBeGreaterThan(20);
  },
);
