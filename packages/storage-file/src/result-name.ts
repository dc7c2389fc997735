import { crc32 } from 'node:zlib';
import { digitsOf } from './layout.ts';
import { nameOf } from './key-name.ts';

/** What the name of a result's file tells, so that no file has to be read to find, outdate or forget it. */
export interface ResultName {
  /** The task, as `nameOf` names it. */
  readonly task: string;
  readonly lease: number;
  /** Grows with every write of the same task and lease: the highest counts. */
  readonly version: number;
  readonly expiresAt: number | null;
}

const pattern = /^([kh]-[a-z0-9_-]*)\.(\d{16})\.(\d{1,15})\.(\d{16}|never)$/;

export function fileOf({ task, lease, version, expiresAt }: ResultName): string {
  return `${task}.${digitsOf(lease)}.${version}.${expiresAt === null ? 'never' : digitsOf(expiresAt)}`;
}

/** `null` for a file of another name. */
export function resultNamed(file: string): ResultName | null {
  const [, task, lease, version, expiresAt] = pattern.exec(file) ?? [];
  if (task === undefined) return null;
  return {
    task,
    lease: Number(lease),
    version: Number(version),
    expiresAt: expiresAt === 'never' ? null : Number(expiresAt),
  };
}

/** The task of an id, and the folder in which its results lie: one of 256. */
export function placeOf(id: string): { readonly task: string; readonly shard: string } {
  return { task: nameOf(id), shard: (crc32(id) & 255).toString(16).padStart(2, '0') };
}

export function isOver({ expiresAt }: ResultName, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
