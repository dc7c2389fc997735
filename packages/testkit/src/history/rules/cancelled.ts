import { isAccepted, type Act, type SteerAct } from '../act.ts';
import type { Book, TaskLife } from '../book.ts';
import type { Finding, RuleName } from '../finding.ts';
import { granting, isGranted, isRequest, leavesOf, mayBeRedriven } from '../life.ts';

/** Nothing starts after its cancel, or the sweep that found it expired, was acknowledged. */
export function* cancelled(book: Book): Generator<Finding> {
  for (const life of book.tasks.values()) {
    for (const steer of life.steers) {
      const rule = ruleOf(steer);
      if (rule === null || !isAccepted(steer)) continue;
      const grant = grantAfter(life, steer, book);
      if (grant === undefined) continue;
      const about = `${life.id} was taken though it had been ${rule}`;
      yield { rule, ids: [life.id], about, acts: [steer, grant] };
    }
  }
}

function ruleOf({ what }: SteerAct): RuleName | null {
  if (what.op === 'cancel') return 'cancelled';
  return what.op === 'expire' ? 'expired' : null;
}

/** A grant that came after it; or one that was never given up, so that the task cannot have been at rest. */
function grantAfter(life: TaskLife, steer: SteerAct, { precedence, complete }: Book): Act | undefined {
  for (const run of life.runs) {
    const grant = isGranted(run) ? granting(run)[0] : undefined;
    if (grant === undefined || mayBeRedriven(life, steer, grant, precedence)) continue;
    const wasHeld = complete && !isRequest(steer) && leavesOf(run).length === 0;
    const isFirstLife = !mayBeRedriven(life, grant, steer, precedence);
    if (precedence.before(steer, grant) || (wasHeld && isFirstLife)) return grant;
  }
  return undefined;
}
