import { resolve } from 'node:path';
import { OmniQError } from '@omniq/core/storage';
import type { Durability } from './disk.ts';

export interface FileOptions {
  /** `full` (default): what is acknowledged survives the loss of power. `none`: the end of the process, for tests. */
  readonly durability?: Durability;
  /** `false`: the folder holds results, events and records alone, for tasks that live elsewhere. Default `true`. */
  readonly tasks?: boolean;
}

/** Which folder is opened, and how. */
export interface Location extends Required<FileOptions> {
  /** An absolute path. */
  readonly folder: string;
}

/**
 * Reads `file:./jobs`, `file:/var/lib/jobs`, `file:///var/lib/jobs` or a bare path. Options given win over those in the
 * query.
 * @throws OmniQError `INVALID_OPTION`
 */
export function locate(url: string, given: Readonly<Record<string, unknown>> = {}): Location {
  const isUrl = url.startsWith('file:');
  const query = isUrl ? url.indexOf('?') : -1;
  const address = query < 0 ? url : url.slice(0, query);
  const asked = query < 0 ? [] : [...new URLSearchParams(url.slice(query + 1))];
  const location: Location = { folder: folderOf(address, isUrl), durability: 'full', tasks: true };
  return [...asked, ...Object.entries(given)].reduce<Location>(
    (read, [name, value]) => (value === undefined ? read : { ...read, ...readOption(name, value) }),
    location,
  );
}

function folderOf(address: string, isUrl: boolean): string {
  const path = isUrl ? decoded(address.slice('file:'.length).replace(/^\/\/(?=\/|$)/, '')) : address;
  if (path !== '' && !path.startsWith('//') && !path.includes('\0')) return resolve(path);
  throw new OmniQError('INVALID_OPTION', 'The file URL names no folder.', {
    hint: 'Write file:./jobs or file:/var/lib/jobs.',
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new OmniQError('INVALID_OPTION', 'The file URL has a broken percent escape.', {
      hint: 'Write % as %25.',
      cause,
    });
  }
}

function readOption(name: string, value: unknown): Partial<Location> {
  if (name === 'durability') {
    if (value === 'full' || value === 'none') return { durability: value };
    throw new OmniQError('INVALID_OPTION', 'The option durability takes full or none.', { option: name });
  }
  if (name === 'tasks') {
    if (value === true || value === 'true') return { tasks: true };
    if (value === false || value === 'false') return { tasks: false };
    throw new OmniQError('INVALID_OPTION', 'The option tasks takes true or false.', { option: name });
  }
  throw new OmniQError('INVALID_OPTION', `A file store has no option ${JSON.stringify(name.slice(0, 48))}.`, {
    hint: 'It takes durability and tasks.',
    option: name,
  });
}
