import type { Machine } from './machine.ts';
import { summarize, type Summary } from './statistics.ts';
import type { System } from './systems/system.ts';
import type { Value } from './workloads.ts';

/** One line of the outcome: a system under a workload, over all repetitions. */
export interface Result extends Summary {
  readonly store: string;
  readonly system: string;
  readonly version: string;
  readonly workload: string;
  readonly unit: Value['unit'];
  /** How many repetitions gave a value: fewer than the profile's mean that the others failed. */
  readonly repetitions: number;
  /** The median over the repetitions of value / value of the raw limit in the same one; `null` where that failed. */
  readonly shareOfRaw: number | null;
  /** A queue of others. */
  readonly peer?: true;
  /** The best of these on the same store under the same workload, by its median; absent for peers themselves. */
  readonly bestPeer?: string;
  /** The median over the repetitions of value / value of the best peer in the same one. */
  readonly shareOfBestPeer?: number;
  readonly settings: string;
  /** Microseconds of user and system time a task in the measuring process; absent for latencies. */
  readonly cpuMicros?: number;
  /** Resident memory of a worker process in MB; absent for latencies. */
  readonly rssMb?: number;
  /** The median over the repetitions of this rate / that of one process in the same one; only where several drained. */
  readonly shareOfOne?: number;
}

export interface Failure {
  readonly store: string;
  readonly system: string;
  readonly workload: string;
  readonly message: string;
}

/** What `--json` writes. */
export interface Report {
  readonly profile: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly results: readonly Result[];
  readonly failures: readonly Failure[];
}

/** A value of one repetition, with whose it is. */
export interface Sample extends Value {
  readonly system: Pick<System, 'name' | 'store' | 'settings' | 'durability' | 'raw' | 'packages' | 'peer'>;
  readonly repetition: number;
}

export function resultsOf(samples: readonly Sample[], versionOf: (system: Sample['system']) => string): Result[] {
  const groups = Map.groupBy(samples, ({ system, workload }) => `${system.store} ${workload} ${system.name}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { system, workload, unit } = first;
    const best = system.peer === true ? undefined : bestPeer(samples, first);
    const ofBest = best === undefined ? null : shareOf(group, samples, { system: best, workload });
    const cpu = group.flatMap(({ cpuMicros }) => cpuMicros ?? []);
    const rss = group.flatMap(({ rssMb }) => rssMb ?? []);
    const ofOne = /^drain-\d+$/.test(workload)
      ? shareOf(group, samples, { system: system.name, workload: 'drain' })
      : null;
    return {
      store: system.store,
      system: system.name,
      version: versionOf(system),
      workload,
      unit,
      ...summarize(group.map(({ value }) => value)),
      repetitions: group.length,
      shareOfRaw: shareOf(group, samples, { system: system.raw, workload }),
      settings: [system.settings, ...(system.durability === undefined ? [] : [system.durability])].join(', '),
      ...(system.peer === true && { peer: true as const }),
      ...(best !== undefined && { bestPeer: best }),
      ...(ofBest !== null && { shareOfBestPeer: ofBest }),
      ...(cpu.length > 0 && { cpuMicros: summarize(cpu).median }),
      ...(rss.length > 0 && { rssMb: summarize(rss).median }),
      ...(ofOne !== null && { shareOfOne: ofOne }),
    };
  });
}

/** The peer with the best median, which for all but rates is the least. */
function bestPeer(samples: readonly Sample[], { system, workload, unit }: Sample): string | undefined {
  const rivals = samples.filter((one) => {
    return one.system.peer === true && one.system.store === system.store && one.workload === workload;
  });
  const medians = [...Map.groupBy(rivals, (one) => one.system.name)].map(([name, group]) => {
    return { name, median: summarize(group.map(({ value }) => value)).median };
  });
  const [best] = medians.toSorted((a, b) => (unit === 'tasks/s' ? b.median - a.median : a.median - b.median));
  return best?.name;
}

/** Against what another system, or the same under another workload, did in the same repetition. */
function shareOf(
  group: readonly Sample[],
  samples: readonly Sample[],
  other: { readonly system: string; readonly workload: string },
): number | null {
  const shares = group.flatMap(({ repetition, value }) => {
    const base = samples.find(
      (one) => one.system.name === other.system && one.workload === other.workload && one.repetition === repetition,
    );
    return base === undefined || base.value === 0 ? [] : value / base.value;
  });
  return shares.length === 0 ? null : summarize(shares).median;
}
