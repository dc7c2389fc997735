import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Beside the package, so that the examples' imports are found as an application would find them. */
const scripts = fileURLToPath(new URL('./.examples-', import.meta.url));
let folder: string;
let cwd: string;

beforeAll(async () => {
  folder = await mkdtemp(scripts);
  cwd = await mkdtemp(join(tmpdir(), 'omniq-readme-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(cwd, { recursive: true, force: true });
});

test.each([
  ['README.md', '300\n'],
  ['packages/omniq/README.md', 'Hello, world!\n'],
])(
  'the example in %s runs and prints what it says',
  async (page, printed) => {
    const text = await readFile(join(root, page), 'utf8');
    const code = /```ts\n([\s\S]+?)```/.exec(text)?.[1];
    const script = join(folder, `${page.replaceAll(/\W/g, '-')}.ts`);
    await writeFile(script, code ?? 'throw new Error("no example")');
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      cwd,
      env: { ...process.env, OMNIQ_DISABLE_LOGGING: '1' },
    });
    expect(stdout).toBe(printed);
  },
  20_000,
);
