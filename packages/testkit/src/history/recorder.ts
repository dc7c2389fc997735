import { randomUUID } from 'node:crypto';
import { historyFile, type HistorySink } from './history-file.ts';
import type { Invocation, Outcome, ProcessHeader, Start, StoreHeader } from './record.ts';

export interface RecorderOptions {
  /** Tells this process from all others; default a random name. */
  readonly process?: string;
  /** Epoch ms that never step back; default this process's monotonic clock, set by the wall clock at its start. */
  readonly clock?: () => number;
}

/** An invocation whose outcome is still to come. */
export interface Pending {
  readonly op: Invocation['op'];
  readonly call: number;
}

/**
 * Writes down what one process asks for, before it asks, and what it is told, once it is told. Works in the open: each
 * call returns when its lines are written. Wrap what you have with `recordingStore`, `recordEnqueues` and `recorded`, or
 * call it yourself.
 */
export class Recorder {
  readonly process: string;
  readonly #sink: HistorySink;
  readonly #clock: () => number;
  #calls = 0;

  constructor(sink: HistorySink, options: RecorderOptions = {}) {
    this.process = options.process ?? `${process.pid}-${randomUUID()}`;
    this.#sink = sink;
    this.#clock = options.clock ?? (() => performance.timeOrigin + performance.now());
    const header: ProcessHeader = { op: 'process', version: 1, process: this.process, pid: process.pid };
    this.#note([{ ...header }]);
  }

  /** Writes to a file of its own in this folder, which is made if it is missing. */
  static open(folder: string, options: RecorderOptions = {}): Recorder {
    const name = options.process ?? `${process.pid}-${randomUUID()}`;
    return new Recorder(historyFile(folder, name), { ...options, process: name });
  }

  /** To be called before the act: a kill in between leaves an outcome that is unknown, never an act that is. */
  invoke(invocation: Invocation): Pending {
    return this.invokeAll([invocation])[0] as Pending;
  }

  /** Several acts of one call, in one write. */
  invokeAll(invocations: readonly Invocation[]): readonly Pending[] {
    const pending = invocations.map(({ op }): Pending => {
      this.#calls += 1;
      return { op, call: this.#calls };
    });
    this.#note(invocations.map((act, index) => ({ ...act, phase: 'invoke' as const, call: pending[index]?.call })));
    return pending;
  }

  /** To be called when the outcome is known. An act that never gets one counts as `unknown`. */
  outcome(pending: Pending, outcome: Outcome): void {
    this.outcomes([pending], [outcome]);
  }

  outcomes(pending: readonly Pending[], outcomes: readonly Outcome[]): void {
    this.#note(pending.map(({ op, call }, index) => ({ op, call, ...(outcomes[index] ?? { phase: 'unknown' }) })));
  }

  /** A handler is about to begin. */
  start(start: Omit<Start, 'op'>): void {
    this.#note([{ op: 'start', ...start }]);
  }

  /** From now on every call of this process to its task store is recorded. */
  attached(order: StoreHeader['order']): void {
    this.#note([{ op: 'store', order }]);
  }

  close(): void {
    this.#sink.close();
  }

  #note(records: readonly { readonly op: string; readonly [field: string]: unknown }[]): void {
    if (records.length === 0) return;
    const at = Math.round(this.#clock() * 1_000) / 1_000;
    this.#sink.write(records.map((record) => `${JSON.stringify({ at, ...record })}\n`).join(''));
  }
}
