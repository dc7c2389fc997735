import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What a program says, also in the error if it fails. */
async function run(args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, args, { cwd, env })).stdout;
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout, { cause: error });
  }
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));
/** Beside the package, so that the examples' imports are found as an application would find them. */
const place = fileURLToPath(new URL('../../.examples-', import.meta.url));
const env = { ...process.env, OMNIQ_DISABLE_LOGGING: '1', NO_COLOR: '1' };
// Else the runners inside take themselves for parts of the one outside.
for (const name of [
  'NODE_OPTIONS',
  'NODE_TEST_CONTEXT',
  'VITEST',
  'VITEST_POOL_ID',
  'VITEST_WORKER_ID',
  'NODE_ENV',
  'FORCE_COLOR',
])
  delete env[name as keyof typeof env];

let folder: string;
let files: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(place);
  const page = await readFile(join(root, 'docs/testing.md'), 'utf8');
  const examples = [...page.matchAll(/```ts\n(?:\/\/ (\S+)\n)?([\s\S]+?)```/g)];
  for (const [, file, code] of examples) {
    if (file === undefined) throw new Error(`an example names no file:\n${code}`);
    await writeFile(join(folder, file), code ?? '');
  }
  files = examples.map(([, file = '']) => file);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the examples of docs/testing.md are as strictly typed as an application', async () => {
  const compilerOptions = {
    strict: true,
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  expect(await run([join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], folder)).toBe('');
}, 30_000);

test('they pass under node:test', async () => {
  const tests = files.filter((file) => file.endsWith('.test.ts'));
  const said = await run(['--test', '--test-reporter=tap', ...tests], folder);
  const page = await readFile(join(root, 'docs/testing.md'), 'utf8');
  const count = [...page.matchAll(/^test\('/gm)].length - 1;
  expect(tests.length).toBeGreaterThan(5);
  expect(said).toContain(`# pass ${count}\n# fail 0`);
}, 30_000);

test("so does the package's README", async () => {
  const readme = await readFile(join(root, 'packages/testkit/README.md'), 'utf8');
  const code = /```ts\n([^`]*?@omniq\/testkit\/app[\s\S]*?)```/.exec(readme)?.[1];
  const file = join(folder, 'readme.test.ts');
  await writeFile(file, code ?? '');
  expect(await run(['--test', '--test-reporter=tap', file], folder)).toContain('# pass 2\n# fail 0');
}, 30_000);

test('and under vitest, where they are for it', async () => {
  const tests = files.filter((file) => file.endsWith('.vitest.ts'));
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const config = join(folder, 'vitest.config.ts');
  await writeFile(config, `export default { test: { include: ['*.vitest.ts'] } };\n`);
  const said = await run([vitest, 'run', '--root', folder, ...tests], folder);
  expect(tests).toHaveLength(1);
  expect(said).toMatch(/Tests +1 passed/);
}, 30_000);

test('a failed assertion reaches node:test as one, with what it compares', async () => {
  const file = join(folder, 'fails.test.ts');
  await writeFile(
    file,
    `import { test } from 'node:test';
import { assertEnqueued, testOmniQ } from '@omniq/testkit/app';
import { sendMail } from './tasks.ts';
test('fails', async () => {
  await using omniq = await testOmniQ();
  await omniq.enqueue(sendMail, { to: 'ann', subject: 'Hello' });
  await assertEnqueued(omniq, sendMail, { input: { to: 'eve' } });
});
`,
  );
  const said = await run(['--test', '--test-reporter=tap', file], folder).catch(({ message }: Error) => message);
  expect(said).toContain('# fail 1');
  expect(said).toMatch(/code: 'ERR_ASSERTION'/);
  expect(said).toMatch(/expected:\s+input:\s+to: 'eve'\s+actual:\s+input:\s+to: 'ann'/);
}, 30_000);
