import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isOmniQError } from '@omniq/core';
import { describe, expect, test } from 'vitest';
import { createLogger } from '../../src/logging/create-logger.ts';
import { tempFolder } from '../config/temp-folder.ts';
import { Lines } from './lines.ts';

const DAY = 86_400_000;

describe('a log file', () => {
  test('takes JSON, under the path that was asked for, in a folder that is made', async () => {
    const file = join(tempFolder(), 'logs/app.log');
    const lines = new Lines();
    const log = await createLogger({ mode: 'PROD', file }, lines);
    log.info({ task_id: '1' }, 'hello');
    await log.close();
    await log.close();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ level: 'INFO', task_id: '1', message: 'hello' });
    expect(basename(realpathSync(file))).toBe('app.1.log');
    expect(lines.text).toBe('');
  });

  test('in DEV stands beside lines for people', async () => {
    const file = join(tempFolder(), 'app.log');
    const lines = new Lines();
    const log = await createLogger({ mode: 'DEV', file }, lines);
    log.info({}, 'hello');
    expect(lines.text).toContain('INFO: omniq | hello');
    expect(readFileSync(file, 'utf8')).toContain('"message":"hello"');
    await log.close();
  });

  test('begins anew at its size and loses no line', async () => {
    const folder = tempFolder();
    const file = join(folder, 'app.log');
    const log = await createLogger({ mode: 'PROD', file, rotation: 2_000 });
    for (let index = 0; index < 60; index++) {
      log.info({ index, pad: 'x'.repeat(100) }, 'line');
      // Files change between two turns of the loop.
      if (index % 10 === 9) await setImmediate();
    }
    await log.close();
    const files = readdirSync(folder).filter((name) => name !== 'app.log');
    expect(files.length).toBeGreaterThan(2);
    const indexes = files
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { index: number }).index);
    expect(indexes.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 60 }, (_, index) => index));
    expect(basename(realpathSync(file))).toBe(newest(files));
  });

  test('rotated files that are too old are removed, and nothing else', async () => {
    const folder = tempFolder();
    const old = new Date(Date.now() - 40 * DAY);
    for (const name of ['app.1.log', 'app.2.log', 'app.x.log', 'other.1.log', 'app.log.1', 'app.1.txt', 'app.3.log']) {
      writeFileSync(join(folder, name), 'old\n');
      if (name !== 'app.3.log') utimesSync(join(folder, name), old, old);
    }
    const log = await createLogger({ mode: 'PROD', file: join(folder, 'app.log'), retention: 30 * DAY });
    await log.close();
    expect(readdirSync(folder).toSorted()).toEqual([
      'app.1.txt',
      'app.3.log',
      'app.log',
      'app.log.1',
      'app.x.log',
      'other.1.log',
    ]);
  });

  test('never replaces a file that stands where the link would', async () => {
    const folder = tempFolder({ 'app.log': 'mine' });
    const log = await createLogger({ mode: 'PROD', file: join(folder, 'app.log') });
    log.info({}, 'x');
    await log.close();
    expect(lstatSync(join(folder, 'app.log')).isSymbolicLink()).toBe(false);
    expect(readFileSync(join(folder, 'app.log'), 'utf8')).toBe('mine');
    expect(existsSync(join(folder, 'app.1.log'))).toBe(true);
  });

  test('that cannot be opened is an error at once', async () => {
    const folder = tempFolder({ file: '' });
    const error = await createLogger({ mode: 'PROD', file: join(folder, 'file/app.log') }).catch(
      (thrown: unknown) => thrown,
    );
    expect(isOmniQError(error, 'INVALID_CONFIG')).toBe(true);
    expect((error as Error).message).toMatch(/^logging\.file .*app\.log cannot be written: E(?:EXIST|NOTDIR)/u);
    mkdirSync(join(folder, 'app.1.log'));
    const other = await createLogger({ mode: 'PROD', file: join(folder, 'app.log') }).catch(
      (thrown: unknown) => thrown,
    );
    expect((other as Error).message).toMatch(/cannot be written: EISDIR/u);
  });

  test('disabled opens none', async () => {
    const folder = tempFolder();
    await createLogger({ mode: 'PROD', file: join(folder, 'app.log'), disabled: true });
    expect(readdirSync(folder)).toEqual([]);
  });
});

function newest(files: readonly string[]): string {
  const numberOf = (name: string): number => Number(name.split('.')[1]);
  return files.toSorted((one, other) => numberOf(other) - numberOf(one))[0] ?? '';
}
