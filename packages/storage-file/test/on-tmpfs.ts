import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** A file system of its own for what the body does; `false` where mounting is not permitted. */
export async function onTmpfs(
  folder: string,
  options: string,
  body: (folder: string) => Promise<void>,
): Promise<boolean> {
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return false;
  }
  try {
    await body(folder);
  } finally {
    execFileSync('umount', [folder]);
  }
  return true;
}
