import { isAccepted, type Act, type EnqueueAct } from '../act.ts';
import type { Book, TaskLife } from '../book.ts';
import type { Finding } from '../finding.ts';
import { endsOf, granting, isGranted } from '../life.ts';
import { agreed, leaseSpan, surely, sweep } from '../span.ts';

/** Tasks of one ordering key run one at a time, in the order of their enqueues. */
export function* orderKeys(book: Book): Generator<Finding> {
  const keyed = new Map<string, TaskLife[]>();
  for (const life of book.tasks.values()) {
    const key = agreed(life, ({ orderKey }) => orderKey ?? null) ?? null;
    if (key === null) continue;
    const known = keyed.get(key);
    if (known === undefined) keyed.set(key, [life]);
    else known.push(life);
  }
  for (const [key, lives] of keyed) {
    yield* together(key, lives, book);
    yield* outOfTurn(key, lives, book);
  }
}

function together(key: string, lives: readonly TaskLife[], book: Book): readonly Finding[] {
  const found: Finding[] = [];
  const spans = lives.flatMap((life) => life.runs.flatMap((run) => leaseSpan(life, run, book) ?? []));
  sweep(surely(spans, book), (span, active) => {
    const other = [...active].find(({ id }) => id !== span.id);
    if (other === undefined) return;
    const about = `${other.id} and ${span.id} ran at once, both of the order key ${key}`;
    found.push({ rule: 'order-key', ids: [other.id, span.id], about, acts: [...new Set([other.act, span.act])] });
  });
  return found;
}

/** A task taken before one that was enqueued earlier had come to its end. */
function* outOfTurn(key: string, lives: readonly TaskLife[], book: Book): Generator<Finding> {
  const { precedence } = book;
  const inserted = lives.flatMap((life) => {
    const act = life.enqueues.find((each) => isAccepted(each) && each.outcome?.status === 'inserted');
    return act === undefined ? [] : [{ ...act, act, life, over: firstEnd(life) }];
  });
  const head = precedence.bestBefore(inserted, inserted, ({ over }) => over?.begin ?? Number.POSITIVE_INFINITY);
  for (const [later, earlier] of head) {
    const grant = firstGrant(later.life);
    // Without an end, only a history of the store tells that there was none.
    if (grant === undefined || earlier.life === later.life || (earlier.over === null && !book.complete)) continue;
    if (earlier.over !== null && !precedence.before(grant, earlier.over)) continue;
    const about = `${later.life.id} was taken before ${earlier.life.id}, which was enqueued earlier with the order key ${key}`;
    const acts: Act[] = [earlier.act, later.act as EnqueueAct, grant, ...(earlier.over === null ? [] : [earlier.over])];
    yield { rule: 'order-key', ids: [earlier.life.id, later.life.id], about, acts };
  }
}

function firstEnd(life: TaskLife): Act | null {
  return endsOf(life).reduce<Act | null>(
    (first, act) => (first === null || act.begin < first.begin ? act : first),
    null,
  );
}

function firstGrant({ runs }: TaskLife): Act | undefined {
  const run = runs.find(isGranted);
  return run === undefined ? undefined : granting(run)[0];
}
