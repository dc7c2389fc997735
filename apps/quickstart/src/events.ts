import type { OmniQ, TaskEvent } from '@omniq/omniq';

/** What this process did with tasks, as far as the report tells. */
export interface Activity {
  /** Tasks that it completed. */
  readonly completed: ReadonlySet<string>;
  /** Tasks that a process which is gone was running, and that were sent back into line. */
  readonly rescued: number;
}

/** Follows what happens to tasks in this process; `verbose` gets a line for everything. */
export function follow(omniq: OmniQ, verbose: ((line: string) => void) | null): Activity {
  const completed = new Set<string>();
  const activity = { completed, rescued: 0 };
  omniq.on((event) => {
    if (event.type === 'COMPLETE' && event.task !== null) completed.add(event.task);
    if (event.type === 'RESCUED') activity.rescued += 1;
    verbose?.(lineOf(event));
  }, 'DEBUG');
  return activity;
}

function lineOf({ type, name, task, data }: TaskEvent): string {
  return [type, name, task, ...Object.entries(data).map(([key, value]) => `${key}=${String(value)}`)].join(' ');
}
