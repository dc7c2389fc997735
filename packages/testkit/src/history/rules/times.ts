import { isPossible, type Act, type EnqueueAct, type SettleAct, type SteerAct } from '../act.ts';
import type { Book, Run, TaskLife } from '../book.ts';
import type { Finding } from '../finding.ts';
import { enqueuesOf, leavesOf } from '../life.ts';

/** Nothing starts before it is due, after a retry's delay neither, nor once it has expired. */
export function* times(book: Book): Generator<Finding> {
  for (const life of book.tasks.values()) {
    for (const [index, run] of life.runs.entries()) {
      const moments = momentsOf(run, book);
      if (moments.length === 0) continue;
      const due = dueTimes(life, index, book);
      const expiry = expiryTimes(life, run, book);
      for (const moment of moments) {
        yield* early(life, moment, due);
        yield* expired(life, moment, expiry);
      }
    }
  }
}

/** When a run began: by the store's time, or by its process's, which may be off by so much. */
interface Moment {
  readonly act: Act;
  readonly at: number;
  readonly off: number;
  /** What the store itself said when it granted the lease. */
  readonly runAt: number | null;
  readonly expiresAt: number | null;
}

function momentsOf({ grants, starts }: Run, { precedence, storeSkewMs }: Book): readonly Moment[] {
  const claimed = grants.map(({ act, leased }): Moment => {
    const { runAt, expiresAt } = leased;
    return { act, at: act.what.now, off: storeSkewMs, runAt, expiresAt };
  });
  const started = starts.map((act): Moment => {
    return { act, at: act.begin, off: precedence.skewMs, runAt: null, expiresAt: null };
  });
  return [...claimed, ...started];
}

/** An instant that may have been in force, with the act that set it. */
interface Setting {
  readonly at: number;
  readonly act: Act;
}

function* early({ id }: TaskLife, moment: Moment, due: readonly Setting[]): Generator<Finding> {
  const { act, at, off, runAt } = moment;
  const told: readonly Setting[] = runAt === null ? [] : [{ at: runAt, act }];
  const least = earliest(due);
  for (const setting of [...told, ...(least === undefined ? [] : [least])]) {
    if (at + off >= setting.at) continue;
    const about = `${id} was taken ${ms(setting.at - at)} before it was due`;
    yield { rule: 'early', ids: [id], about, acts: setting.act === act ? [act] : [setting.act, act] };
    return;
  }
}

function* expired({ id }: TaskLife, moment: Moment, expiry: readonly Setting[]): Generator<Finding> {
  const { act, at, off, expiresAt } = moment;
  const told: readonly Setting[] = expiresAt === null ? [] : [{ at: expiresAt, act }];
  const most = latest(expiry);
  for (const setting of [...told, ...(most === undefined ? [] : [most])]) {
    if (at - off < setting.at) continue;
    const about = `${id} was taken ${ms(at - setting.at)} after it had expired`;
    yield { rule: 'expired', ids: [id], about, acts: setting.act === act ? [act] : [setting.act, act] };
    return;
  }
}

/** The due times that may be in force for the run: the last one set, and what may have come after it. */
function dueTimes(life: TaskLife, index: number, book: Book): readonly Setting[] {
  const run = life.runs[index] as Run;
  const base = basesOf(life, index, book);
  if (base.length === 0) return [];
  const settings: Setting[] = [];
  for (const act of base) {
    const { runAt } = act.what;
    if (typeof runAt !== 'number') return [];
    settings.push({ at: runAt, act });
  }
  for (const steer of steersFor(life, run, book)) {
    if (steer.what.runAt !== undefined) settings.push({ at: steer.what.runAt, act: steer });
  }
  return settings;
}

/** What set the due time last: whatever sent the run before it back, else the enqueue. */
function basesOf(life: TaskLife, index: number, { complete }: Book): readonly (EnqueueAct | SettleAct)[] {
  if (index === 0) return enqueuesOf(life);
  const leaves = leavesOf(life.runs[index - 1] as Run);
  // A lease that was not seen to be given up tells nothing of when the task was due again.
  return complete ? leaves.filter(({ what }) => what.to === 'waiting') : [];
}

function expiryTimes(life: TaskLife, run: Run, book: Book): readonly Setting[] {
  const settings: Setting[] = [];
  for (const act of [...enqueuesOf(life), ...steersFor(life, run, book)]) {
    const { op, expiresAt } = act.what;
    if (expiresAt === undefined && op !== 'enqueue') continue;
    if (typeof expiresAt !== 'number') return [];
    settings.push({ at: expiresAt, act });
  }
  return settings;
}

/** What may have been changed from outside before the run began. */
function steersFor({ steers }: TaskLife, { grants, starts }: Run, { precedence }: Book): readonly SteerAct[] {
  const began = [...grants.map(({ act }) => act), ...starts];
  return steers.filter((steer) => isPossible(steer) && !began.every((act) => precedence.before(act, steer)));
}

function earliest(settings: readonly Setting[]): Setting | undefined {
  return settings.reduce<Setting | undefined>(
    (best, each) => (best === undefined || each.at < best.at ? each : best),
    undefined,
  );
}

function latest(settings: readonly Setting[]): Setting | undefined {
  return settings.reduce<Setting | undefined>(
    (best, each) => (best === undefined || each.at > best.at ? each : best),
    undefined,
  );
}

function ms(span: number): string {
  return `${Math.round(span * 1_000) / 1_000} ms`;
}
