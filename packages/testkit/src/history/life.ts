import { isTerminal, type TaskState } from '@omniq/core';
import { isAccepted, isPossible, type Act, type EnqueueAct, type SettleAct, type SteerAct } from './act.ts';
import type { Run, TaskLife } from './book.ts';
import type { Precedence } from './precedence.ts';

/** An act after which a task is at its end, or may be. */
export type EndAct = SettleAct | SteerAct;

/** The enqueues by which it may have come into the store. */
export function enqueuesOf({ enqueues }: TaskLife): readonly EnqueueAct[] {
  return enqueues.filter((act) => isPossible(act) && act.outcome?.status !== 'taken');
}

export function isAcknowledged({ enqueues }: TaskLife): boolean {
  return enqueues.some((act) => isAccepted(act) && act.outcome?.status !== 'taken');
}

/** Whether the lease is known to have been granted. */
export function isGranted({ grants, starts }: Run): boolean {
  return grants.length > 0 || starts.length > 0;
}

/** Acts that show the lease as granted. */
export function shown({ grants, starts }: Run): readonly Act[] {
  return [...grants.map(({ act }) => act), ...starts];
}

/** Acts that the lease was granted in: the claims, or the starts where no claims are recorded. */
export function granting({ grants, starts }: Run): readonly Act[] {
  return grants.length > 0 ? grants.map(({ act }) => act) : starts;
}

/** Writes by which the run may have stopped to be the task's. */
export function leavesOf({ settles }: Run): readonly SettleAct[] {
  return settles.filter((act) => isPossible(act) && act.what.to !== 'running');
}

/** A cancel that found the task running: it ends later, by a settle. */
export function isRequest({ what, outcome }: SteerAct): boolean {
  return what.op === 'cancel' && (what.requested === true || outcome?.requested === true);
}

/** All acts that may have ended it, accepted ones and unknown ones. */
export function endsOf({ runs, ends, steers }: TaskLife): readonly EndAct[] {
  const settled = [...runs.flatMap(({ settles }) => settles), ...ends].filter(({ what }) => isEnd(what.to));
  const steered = steers.filter((act) => act.what.op === 'expire' || (act.what.op === 'cancel' && !isRequest(act)));
  return [...settled, ...steered].filter(isPossible);
}

export function isEnd(to: string): boolean {
  return to === 'any' || isTerminal(to as TaskState);
}

export function redrivesOf({ steers }: TaskLife): readonly SteerAct[] {
  return steers.filter((act) => act.what.op === 'redrive' && isPossible(act));
}

/** Whether somebody may have sent the task back after the one and before the other, or its id is a second task's. */
export function mayBeRedriven(life: TaskLife, first: Act, second: Act, precedence: Precedence): boolean {
  const isTwoLives = life.removes.some(isPossible) && enqueuesOf(life).length > 1;
  return (
    isTwoLives || redrivesOf(life).some((act) => !precedence.before(act, first) && !precedence.before(second, act))
  );
}
