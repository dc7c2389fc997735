import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { inspect, parseArgs } from 'node:util';
import type { Backend, BackendPlugin } from '@omniq/core/storage';
import { runConformance, type ConformanceFailure, type StoreKind } from '@omniq/testkit/storage';
import { machineMutants } from './machine-mutants.ts';
import type { Mutant } from './mutant.ts';
import { raceMutants } from './race-mutants.ts';
import { tableMutants } from './table-mutants.ts';

/**
 * Puts one bug after another into the source of the memory store and of the machine that it stands on, and runs the
 * conformance suite against each. A bug that the suite lets pass is a hole in the suite.
 */
const mutants = [...tableMutants, ...machineMutants, ...raceMutants];
const packages = new URL('../../../', import.meta.url).href;
const sources = ['storage-memory/src/', 'storage-log/src/'].map((folder) => `${packages}${folder}`);
const isSource = (url: string): boolean => sources.some((folder) => url.startsWith(folder));

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const mutant = context.parentURL === undefined ? null : new URL(context.parentURL).searchParams.get('mutant');
    if (mutant === null || !isSource(resolved.url)) return resolved;
    return { ...resolved, url: `${resolved.url}?mutant=${mutant}` };
  },
  load(url, context, next) {
    const mutant = isSource(url) ? new URL(url).searchParams.get('mutant') : null;
    if (mutant === null) return next(url, context);
    return { format: 'module-typescript', source: mutated(url, mutants[Number(mutant)] as Mutant), shortCircuit: true };
  },
});

function mutated(url: string, { name, file, find, replace }: Mutant): string {
  const source = readFileSync(fileURLToPath(url.replace(/\?.*/, '')), 'utf8');
  if (!url.includes(`/${file}?`)) return source;
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`"${name}" finds its place ${parts.length - 1} times in ${file}, not once.`);
  return parts.join(replace);
}

/** Only the store in question: the cases of others take their time and prove nothing about it. */
function only(store: StoreKind, backend: Backend): Backend {
  if (store === 'tasks') return backend;
  const one = backend[store];
  return { ...(one === undefined ? {} : { [store]: one }), close: () => backend.close() };
}

const { values } = parseArgs({ options: { verbose: { type: 'boolean', default: false } } });
const counts = { killed: 0, crashed: 0, survived: 0 };

async function judge(index: number, { name, store }: Mutant): Promise<void> {
  const { default: plugin } = (await import(`${packages}storage-memory/src/index.ts?mutant=${index}`)) as {
    default: BackendPlugin;
  };
  const open = async (): Promise<Backend> => only(store, await plugin.open('memory:', {}));
  const { failures } = await runConformance(name, open, { bail: true, caseTimeoutMs: 10_000 });
  const [failure] = failures;
  // Code that does not run at all fails some case of any suite: only what runs, and does the wrong thing, proves this one.
  const verdict = failure === undefined ? 'survived' : isCrash(failure) ? 'crashed' : 'killed';
  counts[verdict] += 1;
  if (verdict === 'killed' && !values.verbose) return;
  console.log(`${verdict}: ${name}${failure === undefined ? '' : ` - ${failure.feature}: ${failure.title}`}`);
}

/** The machine tells of an error of its own as of a command that is not valid, so it is looked for in all that was told. */
function isCrash({ error }: ConformanceFailure): boolean {
  return /\b(?:TypeError|ReferenceError|SyntaxError|RangeError)\b/.test(inspect(error, { depth: 8 }));
}

// Side by side, for some make a case wait until its time is up.
const left = mutants.entries();
const sideBySide = Array.from({ length: 8 }, async () => {
  for (const [index, mutant] of left) await judge(index, mutant);
});
await Promise.all(sideBySide);
console.log(`crashed ${counts.crashed}, killed ${counts.killed} of ${mutants.length}`);
process.exitCode = counts.killed === mutants.length ? 0 : 1;
