import { isAccepted, isPossible, type EnqueueAct } from '../act.ts';
import type { Book, TaskLife } from '../book.ts';
import type { Finding } from '../finding.ts';
import { endsOf } from '../life.ts';
import { surely, sweep, type Span } from '../span.ts';

/** One task at a time holds a unique key: while it lives, or until the time that its enqueue named. */
export function* uniqueKeys(book: Book): Generator<Finding> {
  const live = new Map<string, Span[]>();
  const periods = new Map<string, EnqueueAct[]>();
  for (const life of book.tasks.values()) {
    const act = life.enqueues.find((each) => isAccepted(each) && each.outcome?.status === 'inserted');
    const unique = act?.what.unique;
    if (act === undefined || unique === undefined || unique === null) continue;
    if (unique.until === null) add(live, unique.key, ...holds(life, act, book));
    // What was removed may have given its key back.
    else if (!life.removes.some(isPossible)) add(periods, unique.key, act);
  }
  for (const [key, spans] of live) yield* together(key, spans, book);
  for (const [key, acts] of periods) yield* withinPeriod(key, acts, book);
}

function add<T>(groups: Map<string, T[]>, key: string, ...values: readonly T[]): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, [...values]);
  else known.push(...values);
}

/** From its insert, and from each redrive, to the first end that may have come after. */
function holds(life: TaskLife, inserted: EnqueueAct, { precedence }: Book): Span[] {
  const ends = endsOf(life);
  const redrives = life.steers.filter((act) => act.what.op === 'redrive' && isAccepted(act));
  return [inserted, ...redrives].map((act) => {
    const after = ends.filter((end) => !precedence.before(end, act)).map(({ begin }) => begin);
    return { id: life.id, act, from: act.end, until: Math.min(Number.POSITIVE_INFINITY, ...after) };
  });
}

function together(key: string, spans: readonly Span[], book: Book): readonly Finding[] {
  const found: Finding[] = [];
  // Without the store's own history, a task whose end nobody saw may be long over.
  const known = book.complete ? spans : spans.filter(({ until }) => until < Number.POSITIVE_INFINITY);
  sweep(surely(known, book), (span, active) => {
    const other = [...active].find(({ id }) => id !== span.id);
    if (other !== undefined) found.push(finding(key, [other.id, span.id], [other.act, span.act]));
  });
  return found;
}

/** By the store's times alone: whichever came first, the other one found the key held. */
function* withinPeriod(key: string, acts: readonly EnqueueAct[], { storeSkewMs }: Book): Generator<Finding> {
  const nowOf = (act: EnqueueAct): number => act.what.now ?? act.begin;
  const ordered = [...acts].sort((a, b) => nowOf(a) - nowOf(b));
  for (const [index, act] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next === undefined || nowOf(next) + storeSkewMs >= (act.what.unique?.until ?? 0)) continue;
    yield finding(key, [act.what.id, next.what.id], [act, next]);
  }
}

function finding(key: string, ids: readonly string[], acts: Finding['acts']): Finding {
  return { rule: 'unique', ids, about: `${ids.join(' and ')} held the unique key ${key} at once`, acts };
}
