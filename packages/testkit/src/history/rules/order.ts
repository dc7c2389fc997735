import { isAccepted, type Act, type ClaimAct } from '../act.ts';
import type { Book, TaskLife } from '../book.ts';
import type { Finding } from '../finding.ts';
import { enqueuesOf, isGranted, leavesOf } from '../life.ts';
import { isBetter, WaitingLine, type Wait } from '../waiting-line.ts';

/**
 * Priority, then due time, then the order of the enqueues. Decided where one process claims from a queue, one claim after
 * the other, up to its first claim without an answer; of tasks that nobody touched from outside.
 */
export function* order(book: Book): Generator<Finding> {
  if (!book.strict) return;
  const waits = Map.groupBy([...book.tasks.values()].flatMap(waitsOf), ({ queue }) => queue);
  for (const [queue, claims] of claimsByQueue(book)) {
    if (isLimited(queue, book) || !isOneByOne(claims)) continue;
    const unanswered = claims.findIndex(({ status }) => status === 'unknown');
    const decidable = unanswered < 0 ? claims : claims.slice(0, unanswered);
    yield* outOfOrder(decidable, waits.get(queue) ?? [], book);
  }
}

/** Whoever is over a limit is rightly passed over. */
function isLimited(queue: string, { configures }: Book): boolean {
  const isSet = (value: number | null | undefined): boolean => typeof value === 'number';
  return (configures.get(queue) ?? []).some(({ what }) => isSet(what.concurrency) || isSet(what.perKey));
}

function waitsOf(life: TaskLife): readonly Wait[] {
  const [enqueue, ...others] = enqueuesOf(life);
  if (enqueue === undefined || others.length > 0 || enqueue.outcome?.status !== 'inserted') return [];
  const { id, queue, priority, runAt, expiresAt, orderKey, limitKey, blocked } = enqueue.what;
  if (queue === null || priority === null || runAt === null || blocked === true) return [];
  const isPlain = (orderKey ?? limitKey ?? null) === null && life.steers.length === 0 && life.ends.length === 0;
  if (!isPlain) return [];
  const common = { id, queue, priority, expiresAt: expiresAt ?? Number.POSITIVE_INFINITY, enqueue };
  const [first, ...later] = life.runs;
  const waits: Wait[] = [];
  if (first === undefined || isGranted(first)) {
    waits.push({ ...common, since: enqueue, runAt, takenBy: first?.grants[0]?.act ?? null });
  }
  for (const [index, run] of life.runs.entries()) {
    const [leave, another] = leavesOf(run);
    const next = later[index];
    if (leave === undefined || another !== undefined || !isAccepted(leave) || leave.what.to !== 'waiting') continue;
    if (leave.what.runAt === undefined || (next !== undefined && !isGranted(next))) continue;
    waits.push({ ...common, since: leave, runAt: leave.what.runAt, takenBy: next?.grants[0]?.act ?? null });
  }
  return waits;
}

function claimsByQueue({ claims }: Book): Map<string, ClaimAct[]> {
  const byQueue = new Map<string, ClaimAct[]>();
  for (const claim of claims) {
    for (const queue of claim.what.queues) {
      const known = byQueue.get(queue);
      if (known === undefined) byQueue.set(queue, [claim]);
      else known.push(claim);
    }
  }
  return byQueue;
}

/** From one process, and none made before the one before it was answered. */
function isOneByOne(claims: readonly ClaimAct[]): boolean {
  return claims.every((claim, index) => {
    const before = claims[index - 1];
    if (before === undefined) return true;
    return before.source === claim.source && (before.status === 'unknown' || before.lastLine < claim.firstLine);
  });
}

function* outOfOrder(claims: readonly ClaimAct[], waits: readonly Wait[], book: Book): Generator<Finding> {
  const { precedence, storeSkewMs } = book;
  const [first] = claims;
  if (first === undefined) return;
  const line = new WaitingLine(waits, first.source, precedence.skewMs, storeSkewMs);
  const taken = Map.groupBy(waits, ({ takenBy }) => takenBy);
  for (const claim of claims) {
    const best = line.best(claim);
    const worst = taken.get(claim)?.reduce((last, wait) => (comesFirst(last, wait, book) ? wait : last));
    if (best === undefined || worst === undefined || !comesFirst(best, worst, book)) continue;
    const about = `${worst.id} was claimed before ${best.id}, which was due and comes first`;
    const acts = new Set<Act>([best.enqueue, best.since, worst.enqueue, worst.since, claim]);
    yield { rule: 'order', ids: [worst.id, best.id], about, acts: [...acts] };
  }
}

function comesFirst(a: Wait, b: Wait, { precedence }: Book): boolean {
  return isBetter(a, b) || (!isBetter(b, a) && precedence.before(a.enqueue, b.enqueue));
}
