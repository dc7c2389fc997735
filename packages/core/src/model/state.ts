import type { StoredState, TaskRow } from '../storage/task-row.ts';

/** The states that users see; `failed` is the dead-letter queue. */
export type TaskState = Exclude<StoredState, 'waiting'> | 'scheduled' | 'pending';

export type TerminalState = 'completed' | 'failed' | 'cancelled' | 'expired';

export const terminalStates: readonly TerminalState[] = ['completed', 'failed', 'cancelled', 'expired'];

export const taskStates: readonly TaskState[] = ['blocked', 'scheduled', 'pending', 'running', ...terminalStates];

export function isTerminal(state: StoredState | TaskState): state is TerminalState {
  return (terminalStates as readonly string[]).includes(state);
}

/** What a stored task is at `now`: due or not yet, expired even before a sweep has written it down. */
export function stateAt(row: Pick<TaskRow, 'state' | 'runAt' | 'expiresAt'>, now: number): TaskState {
  if (row.state !== 'waiting') return row.state;
  if (row.expiresAt !== null && row.expiresAt <= now) return 'expired';
  return row.runAt > now ? 'scheduled' : 'pending';
}
