import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFileLog } from '../../src/index.ts';
import { entryOf, idOf } from './entry-of.ts';
import { killEach, type KillOptions } from './kill-each.ts';

export interface KillReport {
  readonly kills: number;
  readonly acknowledged: number;
  readonly entries: number;
  /** Acknowledged, and not in the log where it was said to be. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Entries whose bytes are not those of their id. */
  readonly torn: readonly string[];
  readonly gaps: number;
}

/** Has appenders race for the numbers of one log, kills each in the midst of it, and tells what came of their entries. */
export async function runKills(options: KillOptions): Promise<KillReport> {
  const [folder, told] = [join(options.folder, 'store'), join(options.folder, 'acknowledged')];
  mkdirSync(told);
  await killEach('appender.ts', options, (name) => [folder, name, join(told, name)]);
  return { kills: options.kills, ...(await judge(folder, told)) };
}

async function judge(logFolder: string, told: string): Promise<Omit<KillReport, 'kills'>> {
  const log = await openFileLog(logFolder);
  const ids = new Map<number, string>();
  const [torn, doubled, lost]: [string[], string[], string[]] = [[], [], []];
  const seen = new Set<string>();
  let gaps = 0;
  for (let position = 0; ;) {
    const entries = await log.read(position, 1_000);
    if (entries.length === 0) break;
    for (const entry of entries) {
      const id = idOf(entry.bytes);
      if (entry.position !== position + 1) gaps += 1;
      if (Buffer.compare(entry.bytes, entryOf(id)) !== 0) torn.push(id);
      if (seen.has(id)) doubled.push(id);
      seen.add(id);
      ids.set(entry.position, id);
      ({ position } = entry);
    }
  }
  await log.close();
  const acknowledged = readdirSync(told).flatMap((name) => readFileSync(join(told, name), 'utf8').split('\n'));
  const whole = acknowledged.filter((line) => line !== '').map((line) => line.split(' '));
  for (const [position, id = ''] of whole) if (ids.get(Number(position)) !== id) lost.push(`${id} at ${position}`);
  return { acknowledged: whole.length, entries: ids.size, lost, doubled, torn, gaps };
}
