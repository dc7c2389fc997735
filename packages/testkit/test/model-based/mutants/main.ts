import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BackendPlugin } from '@omniq/core/storage';
import { runModel, type ModelMode } from '../../../src/model-based/index.ts';
import type { OpenBackend } from '../../../src/storage/case.ts';
import { openMemory, openSharedMemory, openSqliteInMemory } from '../subjects.ts';
import { machineMutants, sqliteMutants, type Mutant } from './mutants.ts';
import { openRacing, racingStores } from './racing-stores.ts';

/**
 * Puts one bug after another into a store and plays the model-based suite on each, beside a reference without it. A bug
 * that the suite lets pass is a hole in the suite.
 */
const mutants = [...sqliteMutants, ...machineMutants];
const packages = new URL('../../../../', import.meta.url).href;
const folders = ['storage-sqlite', 'storage-memory', 'storage-log'].map((name) => `${packages}${name}/src/`);

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const mutant = context.parentURL === undefined ? null : new URL(context.parentURL).searchParams.get('mutant');
    if (mutant === null || !folders.some((folder) => resolved.url.startsWith(folder))) return resolved;
    return { ...resolved, url: `${resolved.url.replace(/\?.*/, '')}?mutant=${mutant}` };
  },
  load(url, context, next) {
    const mutant = url.startsWith(packages) ? new URL(url).searchParams.get('mutant') : null;
    if (mutant === null) return next(url, context);
    return { format: 'module-typescript', source: mutated(url, mutants[Number(mutant)] as Mutant), shortCircuit: true };
  },
});

function mutated(url: string, { name, file, find, replace }: Mutant): string {
  const source = readFileSync(fileURLToPath(url.replace(/\?.*/, '')), 'utf8');
  if (!url.startsWith(`${packages}${file}?`)) return source;
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`"${name}" finds its place ${parts.length - 1} times in ${file}, not once.`);
  return parts.join(replace);
}

interface Subject {
  readonly name: string;
  readonly mode: ModelMode;
  readonly open: () => Promise<OpenBackend>;
}

const broken = mutants.map(({ name, file, mode }, index): Subject => {
  const [folder, url] = file.startsWith('storage-sqlite')
    ? ['storage-sqlite', ':memory:']
    : ['storage-memory', 'memory:'];
  const open = async (): Promise<OpenBackend> => {
    const loaded = (await import(`${packages}${folder}/src/index.ts?mutant=${index}`)) as { default: BackendPlugin };
    return () => loaded.default.open(url, {});
  };
  return { name, mode, open };
});
const racing = racingStores.map((store): Subject => {
  return { name: store.name, mode: 'concurrent', open: async () => openRacing(store, openSharedMemory) };
});

const { values } = parseArgs({
  options: {
    verbose: { type: 'boolean', default: false },
    /** Part of a name; may be given several times. */
    only: { type: 'string', multiple: true, default: [''] },
    runs: { type: 'string', default: '1000' },
  },
});
const options = {
  reference: openMemory,
  runs: Number(values.runs),
  limitMs: 60_000,
  seed: 7,
};

/** What differs without any bug would be found in all of them, and prove nothing. */
const sound = [
  await runModel('sqlite', openSqliteInMemory, 'sequential', options),
  await runModel('memory', openSharedMemory, 'concurrent', options),
].flatMap(({ failure }) => failure ?? []);
for (const failure of sound) console.error(`Without a bug:\n${failure}`);

const chosen = [...broken, ...racing].filter(({ name }) => values.only.some((part) => name.includes(part)));
let caught = 0;
for (const { name, mode, open } of chosen) {
  const report = await runModel(name, await open(), mode, { ...options, shrink: values.verbose });
  if (report.failure === undefined) console.log(`survived: ${name}`);
  else caught += 1;
  if (report.failure !== undefined) console.log(`caught after ${report.sequences} sequences: ${name}`);
  if (values.verbose && report.failure !== undefined) console.log(report.failure.replaceAll(/^/gm, '    '));
}
console.log(`caught ${caught} of ${chosen.length}`);
process.exitCode = caught === chosen.length && sound.length === 0 ? 0 : 1;
