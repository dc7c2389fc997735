import { isPossible, type Act } from './act.ts';
import type { Book, Run, TaskLife } from './book.ts';
import { enqueuesOf, leavesOf } from './life.ts';

/** When something surely held, with the act that began it. */
export interface Span {
  readonly id: string;
  readonly act: Act;
  readonly from: number;
  /** `Infinity` when nothing is known to have ended it. */
  readonly until: number;
}

/** When a lease surely held: from its grant to the first write that may have given it up. */
export function leaseSpan({ id }: TaskLife, run: Run, { complete }: Book): Span | null {
  const act = run.grants[0]?.act ?? run.starts[0];
  if (act === undefined) return null;
  const leaves = leavesOf(run);
  // Of a worker that died, the history of its handlers knows no end.
  if (leaves.length === 0 && !complete) return null;
  return { id, act, from: act.end, until: Math.min(Number.POSITIVE_INFINITY, ...leaves.map(({ begin }) => begin)) };
}

/** The same spans as short as the clocks of their processes may make them; those that vanish are left out. */
export function surely(spans: readonly Span[], { precedence }: Book): Span[] {
  const sources = new Set(spans.map(({ act }) => act.source));
  const off = sources.size > 1 ? precedence.skewMs / 2 : 0;
  return spans
    .map((span) => ({ ...span, from: span.from + off, until: span.until - off }))
    .filter(({ from, until }) => from < until);
}

/** Goes through spans as they begin; `active` holds the one that begins and all that surely hold with it. */
export function sweep(spans: readonly Span[], visit: (span: Span, active: ReadonlySet<Span>) => void): void {
  const begins = [...spans].sort((a, b) => a.from - b.from);
  const ends = [...spans].sort((a, b) => a.until - b.until);
  const active = new Set<Span>();
  let ended = 0;
  for (const span of begins) {
    for (; ended < ends.length && (ends[ended] as Span).until <= span.from; ended += 1)
      active.delete(ends[ended] as Span);
    active.add(span);
    visit(span, active);
  }
}

/** What every enqueue that may have brought the task says of it, if they agree. */
export function agreed<T>(
  life: TaskLife,
  read: (what: ReturnType<typeof enqueuesOf>[number]['what']) => T,
): T | undefined {
  const values = enqueuesOf(life).map(({ what }) => read(what));
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

/** The acts that may have set something as of an act: the last one, and those that may have come after it. */
export function inForce<T extends Act>(
  settings: readonly T[],
  at: Act,
  { precedence }: Book,
): { acts: readonly T[]; unset: boolean } {
  const possible = settings.filter((act) => isPossible(act) && !precedence.before(at, act));
  const sure = possible.filter((act) => act.status === 'ok' && precedence.before(act, at));
  const acts = possible.filter((act) => !sure.some((later) => precedence.before(act, later)));
  return { acts, unset: sure.length === 0 };
}
