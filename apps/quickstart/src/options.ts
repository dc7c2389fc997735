import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const checkout = resolve(import.meta.dirname, '../../..');
const defaultFolder = resolve(checkout, 'node_modules');
const defaultStorage = `sqlite:${resolve(checkout, '.omniq/quickstart.db').replaceAll(/[%?#]/g, encodeURIComponent)}`;

export const help = `Indexes every file of a folder through a task queue, and can be killed at any moment.

  npx -y pnpm@12 quickstart [FOLDER] [options]

FOLDER             what to index; default: the installed packages of this checkout
--storage STORE    memory, sqlite:PATH, or the URL of another store; default: sqlite:.omniq/quickstart.db
--fresh            begin anew instead of going on or showing the finished run
--concurrency N    tasks that run at once, 1 to 64; default 4
--batch N          files per task, 1 to 256; default 16
--json             one JSON object on stdout, notes on stderr
--verbose          a line on stderr for everything that happens to a task
--help             this text

Stop it with Ctrl-C or kill -9 and give the same command again: it goes on where it was.
Exit codes: 0 done, 1 failed, 2 wrong use, 130 stopped by a signal.
`;

export interface Options {
  /** Absolute, links resolved: one folder is one run, however it is written. */
  readonly folder: string;
  /** A URL. */
  readonly storage: string;
  /** The database file or folder, where the store is one. */
  readonly own: string | undefined;
  readonly fresh: boolean;
  readonly concurrency: number;
  readonly batch: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** The command was wrong: its message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns `null` when help was asked for. @throws UsageError */
export function readOptions(args: readonly string[]): Options | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  if (positionals.length > 1) throw new UsageError(`One folder at a time, not ${positionals.length}.`);
  const storage = storageUrl(values.storage);
  return {
    folder: folderOf(positionals[0] ?? defaultFolder),
    storage,
    own: databaseOf(storage),
    fresh: values.fresh,
    concurrency: count('--concurrency', values.concurrency, 64),
    batch: count('--batch', values.batch, 256),
    json: values.json,
    verbose: values.verbose,
  };
}

// oxlint-disable-next-line explicit-function-return-type
function parse(args: readonly string[]) {
  try {
    return parseArgs({
      // `pnpm quickstart -- --json` passes the dashes on.
      args: args[0] === '--' ? args.slice(1) : [...args],
      allowPositionals: true,
      options: {
        storage: { type: 'string', default: defaultStorage },
        fresh: { type: 'boolean', default: false },
        concurrency: { type: 'string', default: '4' },
        batch: { type: 'string', default: '16' },
        json: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function folderOf(given: string): string {
  const folder = resolve(given);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`There is no folder ${folder}.`);
  if (!found.isDirectory()) throw new UsageError(`${folder} is not a folder.`);
  return realpathSync(folder);
}

function storageUrl(given: string): string {
  const url = given === 'memory' ? 'memory:' : given;
  if (/^[a-z][a-z0-9+.-]+:/i.test(url)) return url;
  throw new UsageError(`--storage is ${JSON.stringify(given)}; expected memory, sqlite:PATH or a URL.`);
}

/** The path in the URL of a local store. Also makes the folder that it is to be in. */
function databaseOf(url: string): string | undefined {
  const [, escaped] = /^(?:sqlite|file):(?:\/\/)?([^?#]+)/i.exec(url) ?? [];
  if (escaped === undefined || escaped === ':memory:') return undefined;
  const path = resolve(unescaped(escaped));
  mkdirSync(dirname(path), { recursive: true });
  return resolve(realpathSync(dirname(path)), basename(path));
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new UsageError(`--storage has a broken escape in ${JSON.stringify(path)}; write % as %25.`, { cause });
  }
}

function count(name: string, given: string, most: number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new UsageError(`${name} is ${JSON.stringify(given)}; expected a whole number from 1 to ${most}.`);
}
