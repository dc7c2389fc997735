import type { Report, Result } from './report.ts';
import { percent, rounded } from './table.ts';

const titles: Readonly<Record<string, string>> = {
  'enqueue-1': 'enqueue, 1 caller',
  'enqueue-100': 'enqueue, 100 callers',
  'enqueue-bulk': 'enqueue in bulk',
  drain: 'drain, 1 worker',
  'drain-2': 'drain, 2 workers',
  'latency-p50': 'latency p50, ms',
  'latency-p99': 'latency p99, ms',
  'cost-cpu': 'server CPU, us/task',
  'cost-wal': 'WAL, bytes/task',
  'cost-statements': 'statements/task',
  'cost-dead-rows': 'dead rows/task',
  idle: 'idle, statements/s',
};

/** The report as Markdown: a table a store, with what it was told, and the settings of each system below. */
export function renderMarkdown({ machine, versions, results, failures, profile }: Report): string {
  const stores = [...Map.groupBy(results, ({ store }) => store)];
  const { cpu, cores, memoryGb, os, node, loadBefore } = machine;
  return [
    ...stores.flatMap(([store, lines]) => [...storeTable(store, versions[store], lines), '']),
    `Tasks a second where nothing else is said; median of ${repetitions(results)} repetitions. In brackets the share of the`,
    'raw limit, or its multiple where less is better; then the ratio to the best peer, whose figure is bold.',
    '',
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${os}, Node.js ${node}; load before ${loadBefore.toFixed(2)}; profile ${profile}.`,
    ...(failures.length === 0 ? [] : ['', `Failed: ${failures.map(failed).join('; ')}.`]),
    '',
  ].join('\n');
}

function storeTable(store: string, server: string | undefined, results: readonly Result[]): string[] {
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  const systems = [...Map.groupBy(results, ({ system }) => system)];
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `### ${store}${server === undefined ? '' : ` ${server}`}`,
    '',
    row(['system', ...workloads.map((workload) => titles[workload] ?? workload)]),
    row(['---', ...workloads.map(() => '---:')]),
    ...systems.map(([system, lines]) => {
      const cells = workloads.map((workload) => {
        const result = lines.find((line) => line.workload === workload);
        return cell(
          result,
          results.some((one) => one.workload === workload && one.bestPeer === system),
        );
      });
      return row([system, ...cells]);
    }),
    '',
    ...systems.flatMap(([system, [line]]) =>
      line === undefined ? [] : `- ${system} (${line.version}): ${line.settings}`,
    ),
  ];
}

function cell(result: Result | undefined, isBest: boolean): string {
  if (result === undefined) return '-';
  const { median, unit, shareOfRaw, shareOfBestPeer } = result;
  const figure = isBest ? `**${rounded(median)}**` : rounded(median);
  const ofRaw = shareOfRaw === null ? '' : ` (${unit === 'tasks/s' ? percent(shareOfRaw) : multiple(shareOfRaw)})`;
  return `${figure}${ofRaw}${shareOfBestPeer === undefined ? '' : `, ${multiple(shareOfBestPeer)}`}`;
}

function multiple(share: number): string {
  return `${rounded(share)} x`;
}

function repetitions(results: readonly Result[]): number {
  return Math.max(0, ...results.map((result) => result.repetitions));
}

function failed({ system, workload, message }: Report['failures'][number]): string {
  return `${system} under ${workload} (${message.split('\n')[0]})`;
}
