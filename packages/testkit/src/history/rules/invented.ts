import type { Act } from '../act.ts';
import type { Book, TaskLife } from '../book.ts';
import type { Finding } from '../finding.ts';
import { enqueuesOf, shown } from '../life.ts';

/** Nothing runs that was not enqueued, and with what it was enqueued. */
export function* invented(book: Book): Generator<Finding> {
  for (const life of book.tasks.values()) {
    const sources = enqueuesOf(life);
    const ran = life.runs.flatMap(shown);
    if (sources.length === 0 && ran.length > 0) {
      yield finding(life, 'ran and was never enqueued', [...life.enqueues, ran[0] as Act]);
    }
    if (sources.length === 0) continue;
    const told = digestsOf(life);
    const changed = payloadsOf(life).find(({ digest }) => isStranger(digest, told));
    if (changed !== undefined) yield finding(life, 'ran with another payload than its own', [...sources, changed.act]);
  }
}

function finding({ id }: TaskLife, about: string, acts: readonly Act[]): Finding {
  return { rule: 'invented', ids: [id], about: `${id} ${about}`, acts };
}

function payloadsOf({ runs }: TaskLife): { digest: string | null | undefined; act: Act }[] {
  return runs.flatMap(({ grants, starts }) => [
    ...grants.map(({ act, leased }) => ({ digest: leased.digest, act })),
    ...starts.map((act) => ({ digest: act.what.digest, act })),
  ]);
}

/** Of the enqueue that came first where that is known, else of all that may have. */
function digestsOf(life: TaskLife): ReadonlySet<string> {
  const sources = enqueuesOf(life);
  const first = sources.filter(({ outcome }) => outcome?.status === 'inserted');
  const digests = (first.length > 0 ? first : sources).map(({ what }) => what.digest);
  return digests.every((digest) => typeof digest === 'string') ? new Set(digests) : new Set();
}

/** Kinds of digests say nothing about each other. */
function isStranger(digest: string | null | undefined, told: ReadonlySet<string>): boolean {
  if (typeof digest !== 'string' || told.has(digest)) return false;
  const kind = digest.slice(0, digest.indexOf(':') + 1);
  return [...told].some((each) => each.startsWith(kind));
}
