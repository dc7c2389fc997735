import { openArena, type Arena } from './arena.ts';
import { describeMachine } from './machine.ts';
import { RemoteProcess } from './measure/remote-process.ts';
import type { Options } from './options.ts';
import { packageVersion } from './package-version.ts';
import { resultsOf, type Failure, type Report, type Sample } from './report.ts';
import type { StoreName, System } from './systems/system.ts';
import type { Bench, Value, Workload } from './workloads.ts';

/** Told what goes on; a run takes minutes. */
export type Say = (line: string) => void;

/** Every repetition runs every system under every workload before the next begins, so a slow minute hits all alike. */
export async function runBench({ systems, workloads, profile, folder }: Options, say: Say): Promise<Report> {
  const machine = describeMachine();
  const arenas = await openArenas(systems, folder);
  const samples: Sample[] = [];
  const failures: Failure[] = [];
  try {
    for (let repetition = 1; repetition <= profile.repetitions; repetition += 1) {
      for (const workload of workloads) {
        say(`repetition ${repetition} of ${profile.repetitions}: ${workload.name}`);
        for (const system of systems) {
          const { store, name } = system;
          const arena = arenas.get(store) as Arena;
          const scope = `${name}_${workload.name}_${repetition}`.replaceAll(/\W/g, '_').toLowerCase();
          try {
            const values = await measure(system, workload, arena, scope, profile);
            samples.push(...values.map((value) => ({ ...value, system, repetition })));
          } catch (error) {
            const told = error instanceof Error ? error.message : String(error);
            const message = told.replaceAll(scope, '(scope)'); // Alike for all measurements, so that it is told once.
            failures.push({ store, system: name, workload: workload.name, message });
            say(`  ${name} failed: ${message.split('\n')[0]}`);
          }
        }
      }
    }
  } finally {
    await Promise.all([...arenas.values()].map((arena) => arena.stop()));
  }
  const results = resultsOf(samples, versionOf);
  return { profile: profile.name, machine, versions: versions(systems, arenas), results, failures };
}

async function openArenas(systems: readonly System[], folder: string | undefined): Promise<Map<StoreName, Arena>> {
  const arenas = new Map<StoreName, Arena>();
  try {
    for (const store of new Set(systems.map((system) => system.store)))
      arenas.set(store, await openArena(store, folder));
    return arenas;
  } catch (error) {
    await Promise.all([...arenas.values()].map((arena) => arena.stop()));
    throw error;
  }
}

async function measure(
  system: System,
  workload: Workload,
  arena: Arena,
  scope: string,
  profile: Options['profile'],
): Promise<readonly Value[]> {
  const processes: RemoteProcess[] = [];
  const process = async (): Promise<RemoteProcess> => {
    const create = processes.length === 0;
    const opened = new RemoteProcess();
    processes.push(opened);
    await opened.call('open', { system: system.name, url: arena.url(scope), scope, create });
    return opened;
  };
  try {
    return await workload.measure({ system, profile, process, ...serverSide(arena, scope) });
  } finally {
    await Promise.all(processes.map((one) => one.stop()));
    await arena.clear(scope);
  }
}

function serverSide(arena: Arena, scope: string): Pick<Bench, 'meter' | 'holdSnapshot'> {
  return {
    ...(arena.meter !== undefined && { meter: arena.meter.bind(arena, scope) }),
    ...(arena.holdSnapshot !== undefined && { holdSnapshot: arena.holdSnapshot.bind(arena, scope) }),
  };
}

/** A peer's own version; a limit of ours has none but the driver's. */
function versionOf({ packages }: Pick<System, 'packages'>): string {
  const [name] = packages;
  return name === undefined ? `node ${process.versions.node}` : `${name} ${packageVersion(name)}`;
}

function versions(systems: readonly System[], arenas: ReadonlyMap<StoreName, Arena>): Record<string, string> {
  const packages = [...new Set(systems.flatMap((system) => system.packages))].toSorted();
  const servers = [...arenas.values()].flatMap(({ server }) => server ?? []);
  return {
    node: process.versions.node,
    ...Object.fromEntries(packages.map((name) => [name, packageVersion(name)])),
    ...Object.fromEntries(servers.map(({ name, version, settings }) => [name, `${version} ${settings}`])),
  };
}
