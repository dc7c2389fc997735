import type { StoredState } from '@omniq/core/storage';
import type { TaskFreeze } from './task-freeze.ts';

/** Tasks whose numbers lie in one block. One that stays long keeps all of its block: larger ones would keep much more. */
const CELLS = 64;

const states: readonly StoredState[] = ['blocked', 'waiting', 'running', 'completed', 'failed', 'cancelled', 'expired'];
const codes: ReadonlyMap<string, number> = new Map(states.map((state, code) => [state, code]));

/**
 * The numbers of some tasks, side by side. A replica changes them for every task that anybody runs: as fields of an
 * object each would be a small object of its own, made and thrown away with every change.
 */
export class Cells {
  /** Who must hear before one of these tasks changes. */
  readonly freezes: readonly TaskFreeze[];
  readonly #instants = new Float64Array(CELLS * 6);
  readonly #counts = new Int32Array(CELLS * 3);
  readonly #states = new Uint8Array(CELLS);
  #used = 0;

  constructor(freezes: readonly TaskFreeze[]) {
    this.freezes = freezes;
  }

  /** Room for one more task, or `null` when this block is full. */
  take(): number | null {
    if (this.#used === CELLS) return null;
    this.#used += 1;
    return this.#used - 1;
  }

  state(at: number): StoredState {
    return states[this.#states[at] as number] as StoredState;
  }

  setState(at: number, state: StoredState): void {
    this.#states[at] = codes.get(state) ?? 0;
  }

  /** Not a number stands for `null`. */
  instant(at: number, field: number): number | null {
    const value = this.#instants[at * 6 + field] as number;
    return Number.isNaN(value) ? null : value;
  }

  setInstant(at: number, field: number, value: number | null): void {
    this.#instants[at * 6 + field] = value ?? Number.NaN;
  }

  count(at: number, field: number): number {
    return this.#counts[at * 3 + field] as number;
  }

  setCount(at: number, field: number, value: number): void {
    this.#counts[at * 3 + field] = value;
  }
}
