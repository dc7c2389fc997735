import type { Act } from '../act.ts';
import type { Book, Run, TaskLife } from '../book.ts';
import type { Finding } from '../finding.ts';
import { isGranted, leavesOf, shown } from '../life.ts';
import type { Claim, Leased } from '../record.ts';

/** Each lease is granted once, each later than the lower ones, and none while the one before it holds. */
export function* leases(book: Book): Generator<Finding> {
  for (const life of book.tasks.values()) {
    for (const run of life.runs) yield* repeated(life, run);
    yield* shrunk(life, book);
    if (book.complete) yield* overlapping(life);
  }
}

function* repeated({ id }: TaskLife, { lease, grants, starts }: Run): Generator<Finding> {
  // The same request again is answered with the same leases.
  const [first] = grants;
  const other = grants.find(({ act }) => first !== undefined && keyOf(act.what) !== keyOf(first.act.what));
  const twice = starts[1];
  if (first !== undefined && other !== undefined) {
    yield {
      rule: 'lease',
      ids: [id],
      about: `lease ${lease} of ${id} was granted twice`,
      acts: [first.act, other.act],
    };
  } else if (twice !== undefined) {
    const acts = [starts[0] as Act, twice];
    yield { rule: 'lease', ids: [id], about: `${id} started twice under lease ${lease}`, acts };
  }
}

function keyOf({ session, lane, request }: Claim): string {
  return JSON.stringify([session, lane, request]);
}

function* shrunk({ id, runs }: TaskLife, { precedence }: Book): Generator<Finding> {
  if (runs.length < 2) return;
  // One claim may hold several tasks; it is looked up by what it gave of this one.
  const grants = runs.flatMap((run) =>
    run.grants.slice(0, 1).map(({ act, leased }) => ({ ...act, act, leased: leased as Leased })),
  );
  const highest = precedence.bestBefore(grants, grants, ({ leased }) => leased.lease);
  for (const [later, earlier] of highest) {
    if (earlier.leased.lease <= later.leased.lease) continue;
    const about = `${id} was leased as ${later.leased.lease} after it had been leased as ${earlier.leased.lease}`;
    yield { rule: 'lease', ids: [id], about, acts: [earlier.act, later.act] };
  }
}

/** A lease that nobody gave up still holds. */
function* overlapping({ id, runs }: TaskLife): Generator<Finding> {
  const granted = runs.filter(isGranted);
  for (const [index, run] of granted.entries()) {
    const next = granted[index + 1];
    if (next === undefined || leavesOf(run).length > 0) continue;
    const about = `lease ${next.lease} of ${id} was granted while lease ${run.lease} held`;
    yield { rule: 'overlap', ids: [id], about, acts: [...shown(run).slice(0, 1), ...shown(next).slice(0, 1)] };
  }
}
