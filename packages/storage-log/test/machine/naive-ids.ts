import type { InsertOutcome } from '@omniq/core/storage';
import type { HeldNewTask } from '../../src/machine/command.ts';
import type { TaskMachine } from '../../src/machine/task-machine.ts';

/** Which ids are known: those of stored tasks, and of removed ones until their time. */
export class NaiveIds {
  readonly #until = new Map<string, number>();

  /** What an insert has to answer whose tasks have no keys. */
  statuses(machine: TaskMachine, rows: readonly HeldNewTask[], now: number): readonly InsertOutcome['status'][] {
    const known = new Set<string>();
    return rows.map(({ id, admitBy }) => {
      if (machine.row(id) !== undefined || known.has(id) || (this.#until.get(id) ?? 0) > now) return 'exists';
      if (now > admitBy) return 'late';
      known.add(id);
      return 'inserted';
    });
  }

  removed(before: TaskMachine, after: TaskMachine, ids: readonly string[], until: number): number {
    const gone = new Set(ids.filter((id) => before.row(id) !== undefined && after.row(id) === undefined));
    for (const id of gone) this.#until.set(id, until);
    return gone.size;
  }
}
