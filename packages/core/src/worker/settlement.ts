import type { Intent } from '../queue/committer.ts';
import type { StoredResult } from '../storage/result-store.ts';
import type { Run } from './run.ts';

/** A run that ended, on its way to the store. */
export interface Settlement {
  readonly run: Run;
  readonly intent: Intent;
  /** For a result store apart from the task store: written before the change. */
  readonly result?: StoredResult;
}

/** Splits a result off its change when results live elsewhere. */
export function settlement(run: Run, intent: Intent, colocated: boolean): Settlement {
  const { result: value, resultExpiresAt = null, ...change } = intent.change;
  if (colocated || value === undefined) return { run, intent };
  const { id, lease } = run.task;
  return { run, intent: { ...intent, change }, result: { id, lease, value, expiresAt: resultExpiresAt } };
}
