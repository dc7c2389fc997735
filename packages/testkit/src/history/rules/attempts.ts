import { isAccepted, type Act } from '../act.ts';
import type { Book, TaskLife } from '../book.ts';
import type { Finding } from '../finding.ts';
import { enqueuesOf, redrivesOf } from '../life.ts';

/** The core gives up a task that took more workers than this with it. */
const maxCrashes = 3;

/** No more executions than the task allows, and no more crashes. */
export function* attempts(book: Book): Generator<Finding> {
  for (const life of book.tasks.values()) {
    const beyond = tooMany(life) ?? spent(life);
    if (beyond !== undefined) yield { rule: 'attempts', ids: [life.id], ...beyond };
  }
}

type Beyond = Pick<Finding, 'about' | 'acts'>;

function tooMany(life: TaskLife): Beyond | undefined {
  const most = mostOf(life);
  for (const { starts, grants } of life.runs) {
    const start = starts.find(({ what }) => what.attempt > (most ?? Number.POSITIVE_INFINITY));
    if (start !== undefined) return about(life, `began execution ${start.what.attempt} of ${most}`, [start]);
    const grant = grants.find(({ leased }) => leased.attempt >= (most ?? Number.POSITIVE_INFINITY));
    if (grant !== undefined) return about(life, `was claimed after ${most} executions of ${most}`, [grant.act]);
    const crashed = grants.find(({ leased }) => leased.crashes > maxCrashes);
    if (crashed !== undefined) return about(life, `was claimed after ${crashed.leased.crashes} crashes`, [crashed.act]);
  }
  return undefined;
}

/** Counted by what was accepted, whatever the store says it has counted; a redrive gives all of them again. */
function spent(life: TaskLife): Beyond | undefined {
  const most = mostOf(life);
  if (most === null) return undefined;
  const counted = life.runs.flatMap(({ settles }) =>
    settles.filter((act) => isAccepted(act) && act.what.attempt !== undefined),
  );
  const allowed = most * (1 + redrivesOf(life).length);
  if (counted.length <= allowed) return undefined;
  return about(life, `was executed ${counted.length} times of ${allowed}`, counted);
}

function about(life: TaskLife, text: string, acts: readonly Act[]): Beyond {
  return { about: `${life.id} ${text}`, acts: [...enqueuesOf(life), ...acts] };
}

function mostOf(life: TaskLife): number | null {
  const told = [
    ...life.enqueues.map(({ what }) => what.maxAttempts),
    ...life.runs.flatMap(({ starts }) => starts.map(({ what }) => what.maxAttempts)),
  ].filter((most) => typeof most === 'number');
  return told.length === 0 ? null : Math.max(...told);
}
