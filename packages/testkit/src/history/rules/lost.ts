import { isTerminal, type TaskState } from '@omniq/core';
import { isAccepted, isPossible, type Act } from '../act.ts';
import type { Book, TaskLife } from '../book.ts';
import type { Finding } from '../finding.ts';
import { endsOf, isAcknowledged, redrivesOf, shown } from '../life.ts';

/** Every acknowledged task comes to an end: in the snapshot where there is one, else by what was written. */
export function* lost(book: Book): Generator<Finding> {
  for (const life of book.tasks.values()) {
    if (!isAcknowledged(life)) continue;
    const about = book.snapshot === null ? lostFromSight(life, book) : lostFromStore(life, book.snapshot);
    if (about !== null) yield { rule: 'lost', ids: [life.id], about, acts: lastOf(life) };
  }
}

function lostFromStore(life: TaskLife, snapshot: ReadonlyMap<string, string>): string | null {
  const state = snapshot.get(life.id);
  if (state !== undefined) {
    return isTerminal(state as TaskState) ? null : `${life.id} was acknowledged and is ${state} in the end`;
  }
  const wasRemoved = life.removes.some(isPossible) && endsOf(life).length > 0;
  return wasRemoved ? null : `${life.id} was acknowledged and is not in the store in the end`;
}

function lostFromSight(life: TaskLife, { precedence }: Book): string | null {
  const ends = endsOf(life);
  if (ends.length === 0) return `${life.id} was acknowledged and never ended`;
  const revived = redrivesOf(life).find(
    (redrive) => isAccepted(redrive) && ends.every((end) => precedence.before(end, redrive)),
  );
  return revived === undefined ? null : `${life.id} was sent back and never ended again`;
}

function lastOf(life: TaskLife): readonly Act[] {
  const runs = life.runs.slice(-1).flatMap((run) => [...shown(run), ...run.settles]);
  const steers = life.steers.filter(isPossible);
  return [...life.enqueues.filter(isAccepted), ...runs, ...steers, ...endsOf(life), ...life.removes];
}
