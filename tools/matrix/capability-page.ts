import type { Capabilities } from '../../packages/core/src/storage/index.ts';
import type { ConformanceReport } from '../../packages/testkit/src/storage/index.ts';

export interface Proof {
  readonly name: string;
  readonly report: ConformanceReport;
  readonly capabilities: Capabilities;
}

const about: Readonly<Record<keyof Capabilities, string>> = {
  durable: 'outlives its process',
  shared: 'shared by',
  order: 'claim order',
  clock: 'has its own clock',
  watch: 'wakes workers',
  results: 'result and end in one commit',
  then: 'follow-up tasks in one commit',
  transactions: 'your own transactions',
  uniqueKeys: 'unique keys',
  orderKeys: 'ordering keys',
  limits: 'limits',
};

/** The page that says what each backend can do: as it says itself, and as the suite proved it. */
export function capabilityPage(proofs: readonly Proof[]): string {
  const head = (first: string): string[] => [
    row([first, ...proofs.map(({ name }) => name)]),
    row(['---', ...proofs.map(() => '---')]),
  ];
  const capabilities = (Object.keys(about) as (keyof Capabilities)[]).map((key) =>
    row([about[key], ...proofs.map((proof) => said(proof.capabilities[key]))]),
  );
  const features = [...new Set(proofs.flatMap(({ report }) => Object.keys(report.features)))].toSorted();
  return [
    '# What each backend can do',
    '',
    'Written by `pnpm matrix --write` from what the backends say of themselves and what the conformance suite proved. What a backend cannot do it refuses with a typed error when it is asked for; the suite tests that branch as well, and counts it as passed.',
    '',
    ...head(''),
    ...capabilities,
    '',
    '## Cases passed',
    '',
    ...head('feature'),
    ...features.map((feature) => row([feature, ...proofs.map(({ report }) => tally(report, feature))])),
    row(['all', ...proofs.map(({ report }) => `${report.passed} of ${report.passed + report.failed}`)]),
    '',
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function said(value: boolean | string): string {
  return typeof value === 'string' ? value : value ? 'yes' : 'no';
}

function tally({ features }: ConformanceReport, feature: string): string {
  const { passed = 0, failed = 0, skipped = 0 } = features[feature] ?? {};
  if (passed + failed === 0) return skipped > 0 ? 'not offered' : '–';
  return failed === 0 ? String(passed) : `${passed} of ${passed + failed}`;
}
