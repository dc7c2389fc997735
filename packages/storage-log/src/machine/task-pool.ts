import { Cells } from './cells.ts';
import { SharedValues } from './shared-values.ts';
import type { TaskFreeze } from './task-freeze.ts';

/** What the tasks of one machine have in common: where their numbers lie, and who must hear before one changes. */
export class TaskPool {
  readonly shared: SharedValues = new SharedValues();
  readonly freezes: TaskFreeze[] = [];
  /** The block that the next task goes into. */
  #open: Cells | null = null;

  /** Room for the numbers of one more task. */
  place(): { readonly cells: Cells; readonly at: number } {
    const at = this.#open?.take() ?? null;
    if (this.#open !== null && at !== null) return { cells: this.#open, at };
    this.#open = new Cells(this.freezes);
    return { cells: this.#open, at: this.#open.take() as number };
  }
}
