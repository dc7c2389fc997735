import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../published.ts';
import type { Mutant } from './mutant.ts';

/** A copy of the working tree, changes that are not committed included, in which code may be broken. */
export class TreeCopy {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'omniq-mutants-'));

  constructor() {
    const listed = ['ls-files', '--cached', '--others', '--exclude-standard'];
    const files = execFileSync('git', listed, { cwd: root, encoding: 'utf8' }).split('\n');
    for (const file of files.filter((name) => name !== '' && existsSync(join(root, name))))
      cpSync(join(root, file), join(this.folder, file));
    // The links among packages are relative, so they stay within the copy; those to others lead back to the workspace.
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    for (const name of readdirSync(join(root, 'packages'))) this.#link(join('packages', name, 'node_modules'));
  }

  /** Breaks the code while `work` runs. @throws if the place is not there exactly once */
  whileBroken<T>({ name, file, find, replace }: Mutant, work: () => T): T {
    const path = join(this.folder, file);
    const source = readFileSync(path, 'utf8');
    const parts = source.split(find);
    if (parts.length !== 2)
      throw new Error(`"${name}" finds its place ${parts.length - 1} times in ${file}, not once.`);
    writeFileSync(path, parts.join(replace));
    try {
      return work();
    } finally {
      writeFileSync(path, source);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #link(folder: string): void {
    if (existsSync(join(root, folder)))
      cpSync(join(root, folder), join(this.folder, folder), { recursive: true, verbatimSymlinks: true });
  }
}
