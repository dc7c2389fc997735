// Whoever compiles this file from its source needs the types that pino-roll comes without.
// oxlint-disable-next-line typescript/triple-slash-reference
/// <reference path="./pino-roll.d.ts" />
import { once } from 'node:events';
import { lstat, readdir, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { OmniQError } from '@omniq/core';
import type { LoggingSettings } from '../config/settings.ts';

/** A log file that begins anew by size or time. */
export interface LogFile {
  write(line: string): void;
  close(): Promise<void>;
}

/**
 * Opens `<name>.<number>.<extension>` beside the given path, to which a link of that path leads, and removes rotated files
 * that are too old, now and at every rotation. A write that fails later is told once to `complain` and costs lines, never more.
 * @throws OmniQError `INVALID_CONFIG` if the file cannot be opened.
 */
export async function openLogFile(
  file: string,
  { rotation, retention }: Pick<LoggingSettings, 'rotation' | 'retention'>,
  complain: (message: string) => void,
  now: () => number = Date.now,
): Promise<LogFile> {
  const path = resolve(file);
  const { default: roll } = await import('pino-roll');
  const begin = typeof rotation === 'number' ? { size: `${rotation}b` } : { frequency: rotation };
  // Written at once: a process that dies has said what it said, and flushing waits for nothing else.
  const stream = await roll({ file: path, mkdir: true, sync: true, ...begin }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OmniQError('INVALID_CONFIG', `logging.file ${file} cannot be written: ${reason}`, { cause });
  });
  let complained = false;
  stream.on('error', (error: Error) => {
    if (!complained) complain(`omniq: the log file ${file} cannot be written, lines are lost: ${error.message}\n`);
    complained = true;
  });
  const tidy = async (): Promise<void> => {
    await linkTo(path, stream.file);
    await removeOlder(path, stream.file, now() - retention);
  };
  // One after the other, or an older one could set its link last. A folder that cannot be read is no reason to stop logging.
  let tidying = tidy().catch(() => {});
  stream.on('ready', () => {
    tidying = tidying.then(tidy).catch(() => {});
  });
  await tidying;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    if (stream.destroyed) return;
    const closed = once(stream, 'close');
    stream.end();
    await closed;
    await tidying;
  };
  return { write: (line) => void stream.write(line), close: () => (closing ??= close()) };
}

/** Makes the path that was asked for lead to the file that is written, unless something else is there. */
async function linkTo(path: string, current: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined && !there.isSymbolicLink()) return;
  await rm(path, { force: true });
  await symlink(basename(current), path).catch(() => {});
}

/** Removes rotated files of this log, by their numbers in the name, that were last written before. */
async function removeOlder(path: string, current: string, before: number): Promise<void> {
  const extension = extname(path) === '' ? '.log' : extname(path);
  const stem = basename(path, extname(path));
  const files = await readdir(dirname(path));
  const rotated = files.filter((name) => {
    const number = name.slice(stem.length + 1, name.length - extension.length);
    return name === `${stem}.${number}${extension}` && /^\d+$/u.test(number) && name !== basename(current);
  });
  for (const name of rotated) {
    const file = join(dirname(path), name);
    const { mtimeMs } = await stat(file);
    if (mtimeMs < before) await rm(file, { force: true });
  }
}
