import Table from 'cli-table3';
import type { Failure, Report, Result } from './report.ts';

/** The report as text: one table a store, a line a system, a column a workload. */
export function renderReport({ machine, versions, results, failures, profile }: Report): string {
  const { cpu, cores, memoryGb, os, loadBefore } = machine;
  const busy = loadBefore > cores / 10 ? ' (others are at work: trust the shares more than the rates)' : '';
  const stores = [...Map.groupBy(results, ({ store }) => store).values()];
  return [
    ...stores.map(storeTable),
    `Cells: median (min-max), share of the raw limit; latencies in ms, costs a task and what is asked in idle seconds, as a multiple of the raw limit.`,
    ...(results.some(({ shareOfOne }) => shareOfOne !== undefined)
      ? ['Several processes: as a multiple of one; CPU of all a task, memory of each.']
      : []),
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${os}; load before ${loadBefore.toFixed(2)}${busy}; profile ${profile}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    ...failureLines(failures),
  ].join('\n');
}

/** One line a system and reason, with the workloads that it struck. */
function failureLines(failures: readonly Failure[]): string[] {
  const alike = Map.groupBy(failures, ({ system, message }) => `${system}: ${message.split('\n')[0]}`);
  return [...alike].map(
    ([what, group]) => `FAILED ${what} (${[...new Set(group.map(({ workload }) => workload))].join(', ')})`,
  );
}

function storeTable(results: readonly Result[]): string {
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  const [first] = results;
  const table = new Table({ head: [first?.store ?? '', ...workloads], style: { head: [], border: [], compact: true } });
  for (const [system, lines] of Map.groupBy(results, (result) => result.system)) {
    table.push([system, ...workloads.map((workload) => cell(lines.find((line) => line.workload === workload)))]);
  }
  return table.toString();
}

function cell(result: Result | undefined): string {
  if (result === undefined) return '-';
  const { median, min, max, unit, shareOfRaw, shareOfOne, cpuMicros = 0, rssMb = 0 } = result;
  const share =
    shareOfRaw === null ? '' : unit !== 'tasks/s' ? `\n${shareOfRaw.toFixed(1)} x` : `\n${percent(shareOfRaw)}`;
  const together =
    shareOfOne === undefined ? '' : `\n${shareOfOne.toFixed(2)} x one\n${rounded(cpuMicros)} us, ${rounded(rssMb)} MB`;
  return `${rounded(median)} (${rounded(min)}-${rounded(max)})${share}${together}`;
}

/** Three digits at least, thousands as `k`. */
export function rounded(value: number): string {
  if (value === 0) return '0';
  if (value >= 100_000) return `${Math.round(value / 1000)}k`;
  if (value >= 10_000) return `${(value / 1000).toFixed(1)}k`;
  if (value >= 1000) return `${(value / 1000).toFixed(2)}k`;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

export function percent(share: number): string {
  return share >= 0.1 ? `${Math.round(share * 100)} %` : `${(share * 100).toFixed(1)} %`;
}
