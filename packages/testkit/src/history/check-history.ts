import { isPossible, type Act } from './act.ts';
import { bookOf, type Book, type TaskLife } from './book.ts';
import type { Finding, Rule, RuleName } from './finding.ts';
import type { History, Line } from './history.ts';
import { endsOf, isAcknowledged, leavesOf } from './life.ts';
import { attempts } from './rules/attempts.ts';
import { cancelled } from './rules/cancelled.ts';
import { invented } from './rules/invented.ts';
import { leases } from './rules/leases.ts';
import { limits } from './rules/limits.ts';
import { lost } from './rules/lost.ts';
import { orderKeys } from './rules/order-keys.ts';
import { order } from './rules/order.ts';
import { paused } from './rules/paused.ts';
import { settles } from './rules/settles.ts';
import { slots } from './rules/slots.ts';
import { times } from './rules/times.ts';
import { uniqueKeys } from './rules/unique-keys.ts';
import { smallest } from './smallest.ts';
import type { Snapshot } from './snapshot.ts';

export interface CheckOptions {
  /** What the store holds in the end, once everything has come to rest. Without it only what was written can be judged. */
  readonly snapshot?: Snapshot;
  /** How far the clocks of two processes may be apart, ms; default 1,000. */
  readonly skewMs?: number;
  /** How far a store's own clock may be from the times that it is given, ms; default 0, for a store without a clock. */
  readonly storeSkewMs?: number;
}

/** A promise that was broken. */
export interface Violation {
  readonly rule: RuleName;
  readonly ids: readonly string[];
  /** One sentence. */
  readonly about: string;
  /** `process:line` of the sub-history. */
  readonly lines: readonly string[];
  /** The fewest lines that still break this promise. */
  readonly history: readonly Line[];
}

export interface Verdict {
  /** Tasks whose enqueue was acknowledged. */
  readonly acked: number;
  /** Runs: leases that were granted, those that started where handlers are recorded. */
  readonly started: number;
  /** Tasks that came to an end. */
  readonly ended: number;
  /** Runs of a task that had begun before, under a lease that its own process did not give up. */
  readonly duplicates: number;
  /** Whether every process recorded its store: without that, what is not written proves nothing. */
  readonly complete: boolean;
  /** Processes whose last line was torn. */
  readonly torn: number;
  readonly violations: readonly Violation[];
}

const rules: readonly Rule[] = [
  lost,
  invented,
  settles,
  leases,
  times,
  cancelled,
  paused,
  order,
  limits,
  orderKeys,
  uniqueKeys,
  attempts,
  slots,
];

/** Of one rule so many violations are cut down to their smallest sub-history; the others keep all that was found. */
const SHRUNK = 5;

/**
 * Judges what producers and workers wrote. Only what surely happened is held against a queue: an unknown outcome may
 * have happened or not, and between processes only instants count that are further apart than their clocks may be.
 * @throws Error where a line is the outcome of nothing
 */
export function checkHistory(history: History, options: CheckOptions = {}): Verdict {
  const book = read(history, options);
  const found = rules.flatMap((rule) => [...rule(book)]);
  const headers = history.lines.filter(({ record }) => record.op === 'process' || record.op === 'store');
  const counts = new Map<RuleName, number>();
  const violations = found.map((finding): Violation => {
    const count = (counts.get(finding.rule) ?? 0) + 1;
    counts.set(finding.rule, count);
    const acts =
      count > SHRUNK
        ? finding.acts
        : smallest(finding, contextOf(finding, book), (some) => replay(some, headers, options));
    const lines = acts.flatMap((act) => act.lines).sort((a, b) => a.record.at - b.record.at || a.line - b.line);
    const { rule, ids, about } = finding;
    return { rule, ids, about, lines: lines.map(({ source, line }) => `${source}:${line}`), history: lines };
  });
  return { ...summary(book), torn: history.torn.length, violations };
}

function read(history: History, { skewMs = 1_000, storeSkewMs = 0, snapshot }: CheckOptions): Book {
  return bookOf(history, { skewMs, storeSkewMs, snapshot: snapshot ?? null });
}

/** What tells of the tasks of a finding, so that what explains it is shown with it. */
function contextOf({ ids }: Finding, { tasks }: Book): readonly Act[] {
  return ids.slice(0, 8).flatMap((id) => tasks.get(id)?.enqueues.filter(isPossible) ?? []);
}

/** The rules that a few acts break by themselves. */
function replay(acts: readonly Act[], headers: readonly Line[], options: CheckOptions): ReadonlySet<RuleName> {
  const sources = new Set(acts.map(({ source }) => source));
  const lines = [...headers.filter(({ source }) => sources.has(source)), ...acts.flatMap((act) => act.lines)];
  lines.sort((a, b) => a.line - b.line);
  const book = read({ lines, torn: [] }, options);
  return new Set(rules.flatMap((rule) => [...rule(book)]).map(({ rule }) => rule));
}

function summary(book: Book): Omit<Verdict, 'violations' | 'torn'> {
  const lives = [...book.tasks.values()];
  const isStarted = startedBy(lives);
  return {
    acked: lives.filter(isAcknowledged).length,
    started: lives.reduce((sum, { runs }) => sum + runs.filter(isStarted).length, 0),
    ended: lives.filter((life) => endsOf(life).some(({ status }) => status === 'ok')).length,
    duplicates: lives.reduce((sum, life) => sum + duplicatesOf(life, isStarted), 0),
    complete: book.complete,
  };
}

function startedBy(lives: readonly TaskLife[]): (run: TaskLife['runs'][number]) => boolean {
  const isHandled = lives.some(({ runs }) => runs.some(({ starts }) => starts.length > 0));
  return isHandled ? ({ starts }) => starts.length > 0 : ({ grants }) => grants.length > 0;
}

/** Runs that began though the one before was not given up by the process that ran it. */
function duplicatesOf({ runs }: TaskLife, isStarted: (run: TaskLife['runs'][number]) => boolean): number {
  const started = runs.filter(isStarted);
  return started.filter((run, index) => {
    if (index === started.length - 1) return false;
    const source = run.grants[0]?.act.source ?? run.starts[0]?.source;
    return !leavesOf(run).some(
      (leave) => leave.source === source && (leave.status === 'ok' || leave.what.to === 'any'),
    );
  }).length;
}
