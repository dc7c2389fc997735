import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('..', import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly files?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly publishConfig?: { readonly access?: string; readonly exports?: Readonly<Record<string, unknown>> };
}

export interface PublishedPackage {
  /** From the root of the repository. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The packages that are published, by folder. */
export function publishedPackages(): readonly PublishedPackage[] {
  return readdirSync(`${root}/packages`).map((name) => {
    const folder = `packages/${name}`;
    return { folder, manifest: JSON.parse(readFileSync(`${root}/${folder}/package.json`, 'utf8')) as Manifest };
  });
}
