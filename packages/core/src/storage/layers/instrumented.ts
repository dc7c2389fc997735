import { around, type StoreKind, type StoreKinds } from './verbs.ts';
import type { TaskStore } from '../task-store.ts';

/** One call of a store, once it has ended. */
export interface StoreCall {
  readonly store: StoreKind;
  readonly verb: string;
  /** Rows that were sent, else that came back. */
  readonly rows: number;
  /** How long it took, retries and waits included. */
  readonly ms: number;
  /** What it rejected with, if it did. */
  readonly error?: unknown;
}

/** Must not throw; what it throws is dropped, as the call it hears of has already had its effect. */
export type Observe = (call: StoreCall) => void;

/** Where durations come from: ms since some start, never stepping. */
export interface MonotonicClock {
  monotonic(): number;
}

/** Tells `observe` of every call, and does nothing else. */
export function instrumented(store: TaskStore, observe: Observe, clock: MonotonicClock): TaskStore {
  return observed('tasks', store, observe, clock);
}

/** {@link instrumented}, for a store of any kind. */
export function observed<K extends StoreKind>(
  kind: K,
  store: StoreKinds[K],
  observe: Observe,
  clock: MonotonicClock,
): StoreKinds[K] {
  const tell = (call: StoreCall): void => {
    try {
      observe(call);
    } catch {
      // See `Observe`.
    }
  };
  return around(kind, store, async (verb, args, call) => {
    const start = clock.monotonic();
    try {
      const result = await call();
      tell({ store: kind, verb, rows: rowsOf(args, result), ms: clock.monotonic() - start });
      return result;
    } catch (error) {
      tell({ store: kind, verb, rows: rowsOf(args, undefined), ms: clock.monotonic() - start, error });
      throw error;
    }
  });
}

function rowsOf([first]: readonly unknown[], result: unknown): number {
  const { items, claimed } = (result ?? {}) as { readonly items?: unknown; readonly claimed?: unknown };
  if (Array.isArray(first)) return first.length + (Array.isArray(claimed) ? claimed.length : 0);
  if (Array.isArray(result)) return result.length;
  if (Array.isArray(items)) return items.length;
  return 0;
}
