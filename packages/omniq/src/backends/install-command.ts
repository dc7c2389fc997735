import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const verbs = { pnpm: 'add', npm: 'install', yarn: 'add', bun: 'add' } as const;
type Tool = keyof typeof verbs;

const lockfiles: readonly (readonly [file: string, tool: Tool])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
];

/**
 * The command that installs a package for the application in `from`: by the tool that started this process, else by the
 * nearest lockfile, else npm.
 */
export function installCommand(name: string, from: string, userAgent: string | undefined): string {
  const tool = toolOfAgent(userAgent) ?? toolOfLockfile(resolve(from)) ?? 'npm';
  return `${tool} ${verbs[tool]} ${name}`;
}

function toolOfAgent(userAgent: string | undefined): Tool | undefined {
  const tool = userAgent?.split('/')[0];
  return tool !== undefined && Object.hasOwn(verbs, tool) ? (tool as Tool) : undefined;
}

function toolOfLockfile(folder: string): Tool | undefined {
  const found = lockfiles.find(([file]) => existsSync(join(folder, file)));
  if (found !== undefined) return found[1];
  const parent = dirname(folder);
  return parent === folder ? undefined : toolOfLockfile(parent);
}
