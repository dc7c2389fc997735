import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemAmbient } from '../packages/core/src/index.ts';
import { layeredBackend, type Backend, type Capabilities } from '../packages/core/src/storage/index.ts';
import { runConformance, type ConformanceReport } from '../packages/testkit/src/storage/index.ts';
import { capabilityPage } from './matrix/capability-page.ts';
import { subjects, type Subject } from './matrix/subjects.ts';
import { optionsOf } from './options.ts';

const HELP = `npx -y pnpm@12 matrix [--json] [--write | --check]

Runs the conformance suite on every backend, bare and behind the layers, and prints what each passed.
  --json   { backends: { memory: { passed, failed, skipped, features } } } on stdout
  --write  writes docs/capabilities.md from what the backends say and the suite proved
  --check  fails if that page is not what it would write`;

const page = fileURLToPath(new URL('../docs/capabilities.md', import.meta.url));

async function prove({ name, open }: Subject): Promise<{ report: ConformanceReport; capabilities: Capabilities }> {
  const backend = await open();
  const { capabilities } = backend.tasks ?? {};
  await backend.close();
  if (capabilities === undefined) throw new Error(`${name} stores no tasks`);
  const wrap = (inner: Backend): Backend => layeredBackend(inner, { backend: name, ambient: systemAmbient });
  return { report: await runConformance(name, open, { wrap }), capabilities };
}

async function proveAll(): Promise<Awaited<ReturnType<typeof prove>>[]> {
  const proofs = [];
  for await (const subject of subjects()) proofs.push(await prove(subject));
  return proofs;
}

async function main({ json, write, check }: Readonly<Record<string, boolean | undefined>>): Promise<number> {
  const proofs = await proveAll();
  const say = json === true ? console.error : console.log;
  for (const { report } of proofs) {
    say(`${report.name}: ${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`);
    for (const { store, feature, title, error } of report.failures)
      console.error(`  ${store}/${feature}: ${title}: ${String(error)}`);
  }
  if (json === true) {
    const backends = proofs.map(({ report: { name, passed, failed, skipped, features } }) => [
      name,
      { passed, failed, skipped, features },
    ]);
    console.log(JSON.stringify({ backends: Object.fromEntries(backends) }));
  }
  const text = capabilityPage(proofs.map(({ report, capabilities }) => ({ name: report.name, report, capabilities })));
  if (write === true) await writeFile(page, text);
  const stale = check === true && (await readFile(page, 'utf8').catch(() => '')) !== text;
  if (stale) console.error('docs/capabilities.md is not what the suite says now; write it with: pnpm matrix --write');
  return stale || proofs.some(({ report }) => report.failed > 0) ? 1 : 0;
}

const options = optionsOf(HELP, { json: { type: 'boolean' }, write: { type: 'boolean' }, check: { type: 'boolean' } });
if (options !== undefined) process.exitCode = await main(options);
