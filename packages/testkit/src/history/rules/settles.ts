import { isAccepted, type Act, type SettleAct } from '../act.ts';
import type { Book, Run, TaskLife } from '../book.ts';
import type { Finding } from '../finding.ts';
import { endsOf, granting, isEnd, isGranted, mayBeRedriven, shown, type EndAct } from '../life.ts';

/** Only the latest lease writes, and only once a life comes to an end. */
export function* settles(book: Book): Generator<Finding> {
  for (const life of book.tasks.values()) {
    const superseded = staleByTime(life, book);
    for (const { settle, grant } of superseded.values())
      yield stale(life, 'after a later lease was granted', [grant, settle]);
    yield* staleByLease(life, book);
    yield* doubleTerminal(life, book);
    yield* runsAfterEnd(life, book, superseded);
  }
}

function stale({ id }: TaskLife, about: string, acts: readonly Act[]): Finding {
  return { rule: 'stale-settle', ids: [id], about: `a settle of ${id} was accepted ${about}`, acts };
}

type Superseded = ReadonlyMap<SettleAct, { readonly settle: SettleAct; readonly grant: Act }>;

/** Accepted writes before which a later lease had surely been granted. */
function staleByTime({ runs }: TaskLife, { precedence }: Book): Superseded {
  const found = new Map<SettleAct, { settle: SettleAct; grant: Act }>();
  if (runs.length < 2) return found;
  const writes = runs.flatMap((run) => run.settles.filter(isAccepted));
  const grants = runs.flatMap((run) => shown(run).map((act) => ({ ...act, act, lease: run.lease })));
  for (const [settle, grant] of precedence.bestBefore(writes, grants, ({ lease }) => lease)) {
    if (grant.lease > (settle.what.lease ?? Number.POSITIVE_INFINITY)) found.set(settle, { settle, grant: grant.act });
  }
  return found;
}

/** A lease is given up once: whatever was accepted under it afterwards was stale, whoever holds the task. */
function* staleByLease(life: TaskLife, { precedence }: Book): Generator<Finding> {
  for (const { settles: all } of life.runs) {
    const accepted = all.filter(isAccepted);
    const left = accepted.filter(({ what }) => what.to !== 'running');
    const [first, second] = left;
    const isDoubleEnd = left.every(({ what }) => isEnd(what.to));
    if (first !== undefined && second !== undefined && !isDoubleEnd) {
      yield stale(life, 'under a lease that had been given up', [first, second]);
    }
    const late = accepted.find(({ what }, index) => {
      const write = accepted[index] as SettleAct;
      return what.to === 'running' && left.some((leave) => precedence.before(leave, write));
    });
    if (late !== undefined) yield stale(life, 'under a lease that had been given up', [...left, late]);
  }
}

function* doubleTerminal(life: TaskLife, { precedence }: Book): Generator<Finding> {
  const ends = endsOf(life)
    .filter(isAccepted)
    .sort((a, b) => a.end - b.end);
  for (const [index, end] of ends.entries()) {
    const next: EndAct | undefined = ends[index + 1];
    if (next === undefined || mayBeRedriven(life, end, next, precedence)) continue;
    yield { rule: 'double-terminal', ids: [life.id], about: `two ends of ${life.id} were accepted`, acts: [end, next] };
  }
}

/** A lease granted though a lower one had ended the task, and nobody sent it back. */
function* runsAfterEnd(life: TaskLife, { precedence }: Book, superseded: Superseded): Generator<Finding> {
  let next: Run | undefined;
  for (const run of life.runs.toReversed()) {
    const end = run.settles.find((act) => isAccepted(act) && isEnd(act.what.to));
    const grant = next === undefined ? undefined : granting(next)[0];
    if (isGranted(run)) next = run;
    if (end === undefined || grant === undefined || superseded.has(end)) continue;
    if (mayBeRedriven(life, end, grant, precedence)) continue;
    if (precedence.before(end, grant)) {
      const about = `${life.id} ran again after its end had been accepted`;
      yield { rule: 'run-after-end', ids: [life.id], about, acts: [end, grant] };
    } else {
      yield stale(life, 'beside a later lease', [grant, end]);
    }
  }
}
