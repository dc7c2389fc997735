import type { Verdict, Violation } from './check-history.ts';
import type { Line } from './history.ts';
import type { Leased } from './record.ts';

export interface PrintOptions {
  /** How many violations are shown with their lines; default 10. */
  readonly most?: number;
}

/** A verdict for people: the counts in one line, then each violation with the smallest history that shows it. */
export function printVerdict(verdict: Verdict, { most = 10 }: PrintOptions = {}): string {
  const { acked, started, ended, duplicates, complete, torn, violations } = verdict;
  const counts = [
    `${acked} acknowledged`,
    `${started} runs`,
    `${ended} ended`,
    `${duplicates} duplicate runs`,
    ...(torn > 0 ? [`${torn} torn last lines`] : []),
    ...(complete ? [] : ['stores not recorded']),
    `${violations.length} violations`,
  ];
  const left = violations.length - most;
  return [
    counts.join(', '),
    ...violations.slice(0, most).flatMap(shown),
    ...(left > 0 ? [`and ${left} more: ${tally(violations.slice(most))}`] : []),
  ]
    .map(printable)
    .join('\n');
}

// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}|\p{Bidi_Control}/gu;

/** A name of a task commands no terminal. */
function printable(line: string): string {
  return line.replaceAll(unprintable, (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, '0'));
}

function shown({ rule, about, ids, history }: Violation): readonly string[] {
  return [`VIOLATION ${rule}: ${about}`, ...history.map((line) => `  ${lineOf(line, new Set(ids))}`)];
}

function tally(violations: readonly Violation[]): string {
  const byRule = Map.groupBy(violations, ({ rule }) => rule);
  return [...byRule].map(([rule, some]) => `${rule} ${some.length}`).join(', ');
}

/** `process:line  time  what`. */
function lineOf({ source, line, record }: Line, ids: ReadonlySet<string>): string {
  const { at, ...rest } = record;
  const leased = 'leased' in rest ? rest.leased : undefined;
  const told = leased === undefined ? rest : { ...rest, leased: leased.filter(({ id }: Leased) => ids.has(id)) };
  return `${source}:${line}  ${new Date(at).toISOString()}  ${JSON.stringify(told)}`;
}
