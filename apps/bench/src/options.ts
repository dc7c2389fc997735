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
}

/** A mistake in the arguments; its message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Measured where nothing is chosen; `fleet`, with its many processes, is asked for. */
const usual = ['enqueue', 'drain', 'latency', 'growth'];
const groups = [...usual, 'fleet'];

export const help: string = `Measures task queues beside the limit of their store.

  pnpm bench [options]

  --stores a,b    ${storeNames.join(', ')}, or all   (default memory,sqlite: they need no server)
  --systems x,y   ${allSystems.map(({ name }) => name).join(', ')}
                  (default: all of the stores; the raw limit of a store is always measured with them)
  --work a,b      ${workloadNames.join(', ')},
                  or groups: ${groups.join(', ')}   (default: all but fleet)
  --profile p     ${Object.keys(profiles).join(', ')}   (default quick)
  --json FILE     write the report there as well
  --folder F      where the file store and SQLite keep their data, an empty folder in F
                  (default: in the system's temporary folder; choose a disk, not a folder in memory)
  --help          this text`;

/** Returns `undefined` when help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const values = parsed(args);
  if (values.help === true) return undefined;
  const profile = profiles[one('--profile', values.profile ?? 'quick', Object.keys(profiles))] as Profile;
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
