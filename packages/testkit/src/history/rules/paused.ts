import { isAccepted, isPossible, type ClaimAct, type ConfigureAct } from '../act.ts';
import type { Book } from '../book.ts';
import type { Finding } from '../finding.ts';

/** A claim that starts after a pause was acknowledged takes nothing from that queue, until somebody resumes it. */
export function* paused(book: Book): Generator<Finding> {
  for (const [queue, acts] of book.configures) {
    const pauses = acts.filter((act) => isAccepted(act) && act.what.paused === true);
    const resumes = acts.filter((act) => isPossible(act) && act.what.paused === false);
    if (pauses.length === 0) continue;
    const claims = book.claims.filter(({ outcome }) => outcome?.leased?.some((leased) => leased.queue === queue));
    const last = book.precedence.bestBefore(claims, pauses, ({ end }) => end);
    for (const [claim, pause] of last) if (!mayBeResumed(claim, pause, resumes, book)) yield finding(claim, pause);
  }
}

function mayBeResumed(
  claim: ClaimAct,
  pause: ConfigureAct,
  resumes: readonly ConfigureAct[],
  { precedence }: Book,
): boolean {
  return resumes.some((resume) => !precedence.before(resume, pause) && !precedence.before(claim, resume));
}

function finding(claim: ClaimAct, pause: ConfigureAct): Finding {
  const { queue } = pause.what;
  const taken = (claim.outcome?.leased ?? []).filter((leased) => leased.queue === queue).map(({ id }) => id);
  const about = `${taken[0]} was claimed from ${queue}, which was paused`;
  return { rule: 'paused', ids: taken, about, acts: [pause, claim] };
}
