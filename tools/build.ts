import { existsSync } from 'node:fs';
import { glob, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { publishedPackages, root } from './published.ts';
import { run } from './run.ts';

/** Brings the `dist` folders of all packages up to date, quickly where they are. */
export async function build(): Promise<void> {
  const folders = publishedPackages().map(({ folder }) => folder);
  const code = await run('tsc', ['-b', ...folders]);
  if (code !== 0) throw new Error('the packages do not build; see `tsc -b`');
  await Promise.all(folders.map(removeOrphans));
}

/** The compiler leaves what it once wrote; without this, files of sources long gone would be published. */
async function removeOrphans(folder: string): Promise<void> {
  for await (const file of glob('dist/**/*.{js,d.ts,js.map,d.ts.map}', { cwd: join(root, folder) })) {
    const source = file.replace(/^dist/, 'src').replace(/(\.js|\.d\.ts)(\.map)?$/, '.ts');
    if (!existsSync(join(root, folder, source))) await rm(join(root, folder, file));
  }
}
