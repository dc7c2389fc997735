import { isAccepted, type FireAct } from '../act.ts';
import type { Book } from '../book.ts';
import type { Finding } from '../finding.ts';

/** A slot of a schedule becomes one task, however many schedulers fire it. */
export function* slots(book: Book): Generator<Finding> {
  const first = new Map<string, FireAct>();
  for (const act of book.fires.filter(isAccepted)) {
    const { schedule, slot, id } = act.what;
    const key = JSON.stringify([schedule, slot]);
    const known = first.get(key);
    if (known === undefined) first.set(key, act);
    else if (known.what.id !== id) {
      const about = `slot ${slot} of ${schedule} became ${known.what.id} and ${id}`;
      yield { rule: 'slot', ids: [known.what.id, id], about, acts: [known, act] };
    }
  }
}
