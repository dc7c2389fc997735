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
  readonly settings: string;
  /** Microseconds of user and system time a task in the measuring process; absent for latencies. */
  readonly cpuMicros?: number;
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
  readonly system: Pick<System, 'name' | 'store' | 'settings' | 'raw' | 'packages'>;
  readonly repetition: number;
}

export function resultsOf(samples: readonly Sample[], versionOf: (system: Sample['system']) => string): Result[] {
  const groups = Map.groupBy(samples, ({ system, workload }) => `${system.store} ${workload} ${system.name}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { system, workload, unit } = first;
    const cpu = group.flatMap(({ cpuMicros }) => cpuMicros ?? []);
    return {
      store: system.store,
      system: system.name,
      version: versionOf(system),
      workload,
      unit,
      ...summarize(group.map(({ value }) => value)),
      repetitions: group.length,
      shareOfRaw: shareOfRaw(group, samples),
      settings: system.settings,
      ...(cpu.length > 0 && { cpuMicros: summarize(cpu).median }),
    };
  });
}

function shareOfRaw(group: readonly Sample[], samples: readonly Sample[]): number | null {
  const shares = group.flatMap(({ system, workload, repetition, value }) => {
    const raw = samples.find(
      (other) => other.system.name === system.raw && other.workload === workload && other.repetition === repetition,
    );
    return raw === undefined ? [] : value / raw.value;
  });
  return shares.length === 0 ? null : summarize(shares).median;
}
