import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileRecordStore, openFolder } from '../../src/index.ts';
import { killEach, type KillOptions } from './kill-each.ts';

export interface RecordKillReport {
  readonly kills: number;
  /** That were acknowledged. */
  readonly changes: number;
  /** Tags on which two changes were acknowledged. */
  readonly usedTwice: readonly string[];
  /** Tags that were acknowledged, and on which no change was: the last one, and what killed writers did not tell. */
  readonly open: number;
  readonly isUsable: boolean;
}

/** Has writers race for one record, kills each in the midst of it, and tells what came of their changes. */
export async function runRecordKills(options: KillOptions): Promise<RecordKillReport> {
  const [folder, told] = [join(options.folder, 'store'), join(options.folder, 'acknowledged')];
  mkdirSync(told);
  await killEach('changer.ts', options, (name) => [folder, name, join(told, name)]);
  const lines = readdirSync(told).flatMap((name) => readFileSync(join(told, name), 'utf8').split('\n'));
  const changes = lines.filter((line) => line !== '').map((line) => line.split(' '));
  const used = changes.map(([before = '']) => before).filter((tag) => tag !== '');
  const made = changes.map(([, after = '']) => after).filter((tag) => tag !== '');
  const usedOnce = new Set(used);
  const records = new FileRecordStore(await openFolder(folder));
  const last = await records.get('shared');
  const tag = await records.put('shared', Buffer.from('after all'), last?.tag ?? null);
  return {
    kills: options.kills,
    changes: changes.length,
    usedTwice: used.filter((each, index) => used.indexOf(each) !== index),
    open: made.filter((each) => !usedOnce.has(each)).length,
    isUsable:
      tag !== null && (await records.get('shared'))?.tag === tag && (await records.list('', null, 9)).length === 1,
  };
}
