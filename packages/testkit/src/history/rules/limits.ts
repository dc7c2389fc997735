import type { Act, ConfigureAct } from '../act.ts';
import type { Book, Run, TaskLife } from '../book.ts';
import type { Finding } from '../finding.ts';
import { agreed, inForce, leaseSpan, surely, sweep, type Span } from '../span.ts';

type Field = 'concurrency' | 'perKey';

/** No more leases hold at once, in a queue or under one of its limit keys, than were allowed when the last was granted. */
export function* limits(book: Book): Generator<Finding> {
  const limited = [...book.configures].filter(([, acts]) =>
    acts.some(({ what }) => typeof what.concurrency === 'number' || typeof what.perKey === 'number'),
  );
  if (limited.length === 0) return;
  const spans = spansOf(book);
  for (const [queue, acts] of limited) {
    const within = spans.get(queue) ?? [];
    yield* exceeded(`queue ${queue}`, acts, 'concurrency', within, book);
    const keyed = within.filter(({ key }) => key !== null);
    for (const [key, group] of Map.groupBy(keyed, (each) => each.key)) {
      yield* exceeded(`key ${key} of queue ${queue}`, acts, 'perKey', group, book);
    }
  }
}

type Keyed = Span & { readonly key: string | null };

function spansOf(book: Book): Map<string, Keyed[]> {
  const spans: (Keyed & { readonly queue: string })[] = [];
  for (const life of book.tasks.values()) {
    const key = agreed(life, ({ limitKey }) => limitKey ?? null) ?? null;
    for (const run of life.runs) {
      const queue = queueOf(life, run);
      const span = queue === null ? null : leaseSpan(life, run, book);
      if (queue !== null && span !== null) spans.push({ ...span, queue, key });
    }
  }
  return Map.groupBy(spans, ({ queue }) => queue);
}

function queueOf(life: TaskLife, { grants, starts }: Run): string | null {
  return grants[0]?.leased.queue ?? starts[0]?.what.queue ?? agreed(life, ({ queue }) => queue) ?? null;
}

function* exceeded(
  what: string,
  configures: readonly ConfigureAct[],
  field: Field,
  spans: readonly Span[],
  book: Book,
): Generator<Finding> {
  const settings = configures.filter((act) => act.what[field] !== undefined);
  const least = Math.min(...settings.map((act) => act.what[field] ?? Number.POSITIVE_INFINITY));
  if (least === Number.POSITIVE_INFINITY) return;
  const found: Finding[] = [];
  sweep(surely(spans, book), (span, active) => {
    if (active.size <= least) return;
    // Of those that were claimed side by side any may have been the last.
    const last = [...active].filter(({ act }) => act === span.act || !book.precedence.before(act, span.act));
    const allowed = Math.max(...last.map(({ act }) => allowedAt(act, settings, field, book)));
    if (active.size <= allowed) return;
    const proof = [...active].slice(-allowed - 1);
    const about = `${active.size} tasks of ${what} ran at once, ${allowed} may`;
    const acts: Act[] = [...inForce(settings, span.act, book).acts, ...new Set(proof.map(({ act }) => act))];
    found.push({ rule: 'limit', ids: proof.map(({ id }) => id), about, acts });
  });
  yield* found;
}

function allowedAt(act: Act, settings: readonly ConfigureAct[], field: Field, book: Book): number {
  const { acts, unset } = inForce(settings, act, book);
  if (unset) return Number.POSITIVE_INFINITY;
  return Math.max(...acts.map((each) => each.what[field] ?? Number.POSITIVE_INFINITY));
}
