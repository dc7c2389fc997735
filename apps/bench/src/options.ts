import { parseArgs } from 'node:util';
import { profiles, type Profile } from './profile.ts';
import { allSystems, storeNames } from './systems/all-systems.ts';
import type { System } from './systems/system.ts';
import { chooseWorkloads, workloadNames, type Workload } from './workloads.ts';

export interface Options {
  readonly systems: readonly System[];
  readonly workloads: readonly Workload[];
  readonly profile: Profile;
  /** Where the report goes besides the table. */
  readonly json?: string;
  /** Where stores without a server keep their data during the run; default the system's temporary folder. */
  readonly folder?: string;
  /** Where the Markdown goes that is printed in place of the table. */
  readonly markdown?: string;
}

const largestSize = 10_000_000;

/** A mistake in the arguments; its message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Measured where nothing is chosen; `fleet`, with its many processes, and `server` are asked for. */
const usual = ['enqueue', 'drain', 'latency', 'growth'];
const groups = [...usual, 'server', 'fleet'];

export const help: string = `Measures task queues beside the limit of their store.

  pnpm bench [options]

  --stores a,b    ${storeNames.join(', ')}, or all   (default memory,sqlite: they need no server)
  --systems x,y   ${allSystems.map(({ name }) => name).join(', ')}
                  (default: all of the stores; the raw limit of a store is always measured with them)
  --work a,b      ${workloadNames.join(', ')},
                  or groups: ${groups.join(', ')}   (default: all but server and fleet)
  --profile p     ${Object.keys(profiles).join(', ')}   (default quick)
  --sizes a,b     what growth means: these backlogs, as 10k or 1m, and the greatest of them delayed, finished, and
                  drained beside an open transaction   (default: those of the profile)
  --markdown FILE print Markdown, with the ratios to the raw limit and to the best peer, and write it there
  --json FILE     write the report there as well
  --folder F      where the file store and SQLite keep their data, an empty folder in F
                  (default: in the system's temporary folder; choose a disk, not a folder in memory)
  --help          this text`;

/** Returns `undefined` when help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const values = parsed(args);
  if (values.help === true) return undefined;
  const known = profiles[one('--profile', values.profile ?? 'quick', Object.keys(profiles))] as Profile;
  const profile = values.sizes === undefined ? known : { ...known, ...growthOf(values.sizes) };
  const stores = list('--stores', values.stores, [...storeNames, 'all']);
  const names = list(
    '--systems',
    values.systems,
    allSystems.map(({ name }) => name),
  );
  return {
    systems: chooseSystems(stores, names),
    workloads: chooseWorkloads(list('--work', values.work, [...workloadNames, ...groups]) ?? usual, profile),
    profile,
    ...(values.json !== undefined && { json: values.json }),
    ...(values.markdown !== undefined && { markdown: values.markdown }),
    ...(values.folder !== undefined && { folder: values.folder }),
  };
}

/** In the fixed order, the raw limit of each store first. */
function chooseSystems(stores: readonly string[] | undefined, names: readonly string[] | undefined): System[] {
  const inStores = (system: System): boolean => {
    if (stores === undefined) return names !== undefined || system.store === 'memory' || system.store === 'sqlite';
    return stores.includes('all') || stores.includes(system.store);
  };
  const chosen = allSystems.filter((system) => inStores(system) && (names?.includes(system.name) ?? true));
  const missed = names?.find((name) => chosen.every((system) => system.name !== name));
  if (missed !== undefined) {
    const store = allSystems.find(({ name }) => name === missed)?.store;
    throw new UsageError(`--systems: ${missed} runs on ${store}, which --stores leaves out.`);
  }
  const raws = new Set(chosen.map(({ raw }) => raw));
  return allSystems.filter((system) => chosen.includes(system) || raws.has(system.name));
}

/** From `10k,1m`: the backlogs, the greatest of which stands for all else that may lie in the way. */
function growthOf(sizes: string): Pick<Profile, 'growth' | 'delayed' | 'finished' | 'held'> {
  const growth = sizes.split(',').map((size) => {
    const [, digits = '', unit = ''] = /^\s*(\d{1,7})([km]?)\s*$/i.exec(size) ?? [];
    const count = Number(digits) * ({ k: 1000, m: 1_000_000 }[unit.toLowerCase()] ?? 1);
    if (count >= 1 && count <= largestSize) return count;
    throw new UsageError(`--sizes: ${JSON.stringify(size)} is no size. Write them as 10k,100k,1m; the largest is 10m.`);
  });
  const greatest = Math.max(...growth);
  return { growth, delayed: greatest, finished: greatest, held: greatest };
}

function list(option: string, given: string | undefined, known: readonly string[]): string[] | undefined {
  return given?.split(',').map((value) => one(option, value.trim(), known));
}

function one(option: string, value: string, known: readonly string[]): string {
  if (known.includes(value)) return value;
  throw new UsageError(`${option}: there is no ${JSON.stringify(value)}. Known are ${known.join(', ')}.`);
}

function parsed(args: readonly string[]) {
  const string = { type: 'string' } as const;
  const options = {
    stores: string,
    systems: string,
    work: string,
    profile: string,
    json: string,
    folder: string,
    sizes: string,
    markdown: string,
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: args.filter((arg) => arg !== '--'), options }).values;
  } catch (cause) {
    const told = cause instanceof Error ? cause.message : String(cause);
    const known = Object.keys(options).map((name) => `--${name}`);
    throw new UsageError(`${told} Known options are ${known.join(', ')}.`, { cause });
  }
}
