import type {
  Act,
  ClaimAct,
  ConfigureAct,
  EnqueueAct,
  FireAct,
  Grant,
  RemoveAct,
  SettleAct,
  StartAct,
  SteerAct,
} from './act.ts';
import type { History, Line } from './history.ts';
import { Precedence } from './precedence.ts';
import type { InvocationRecord, OutcomeRecord, StartRecord } from './record.ts';
import type { Snapshot } from './snapshot.ts';

/** All that is known of one lease of one task. */
export interface Run {
  readonly lease: number;
  readonly grants: Grant[];
  readonly starts: StartAct[];
  readonly settles: SettleAct[];
}

/** All that is known of one task. */
export interface TaskLife {
  readonly id: string;
  readonly enqueues: EnqueueAct[];
  /** By lease, growing. */
  readonly runs: readonly Run[];
  /** Ends of which the run is not known. */
  readonly ends: readonly SettleAct[];
  readonly steers: readonly SteerAct[];
  readonly removes: readonly RemoveAct[];
}

export interface BookOptions {
  /** How far the clocks of two processes may be apart. */
  readonly skewMs: number;
  /** How far the store's own clock may be from what it was told. */
  readonly storeSkewMs: number;
  readonly snapshot: Snapshot | null;
}

/** A history, sorted into what the rules ask about. */
export interface Book {
  readonly tasks: ReadonlyMap<string, TaskLife>;
  readonly claims: readonly ClaimAct[];
  readonly configures: ReadonlyMap<string, readonly ConfigureAct[]>;
  readonly fires: readonly FireAct[];
  /** Every process recorded its store, so that what is not there did not happen. */
  readonly complete: boolean;
  /** The store promises the exact order. */
  readonly strict: boolean;
  readonly precedence: Precedence;
  readonly storeSkewMs: number;
  readonly snapshot: Snapshot | null;
}

/** @throws Error where an outcome has no invocation */
export function bookOf(history: History, { skewMs, storeSkewMs, snapshot }: BookOptions): Book {
  const sorter = new Sorter();
  const sources = new Set<string>();
  const stores = new Map<string, 'strict' | 'loose'>();
  for (const { source, record } of history.lines) {
    if (record.op === 'store') stores.set(source, record.order);
    else if (record.op !== 'process') sources.add(source);
  }
  const complete = [...sources].every((source) => stores.has(source));
  for (const act of actsOf(history)) sorter.add(act, complete);
  const { claims, configures, fires } = sorter;
  return {
    tasks: sorter.lives(),
    claims,
    configures,
    fires,
    complete,
    strict: complete && [...stores.values()].every((order) => order === 'strict'),
    precedence: new Precedence(skewMs),
    storeSkewMs,
    snapshot,
  };
}

/** Invocations with their outcomes, in the order of the invocations. */
export function actsOf({ lines }: History): readonly Act[] {
  const acts: (Line | Act)[] = [];
  const open = new Map<string, Map<number, number>>();
  for (const line of lines) {
    const { record, source } = line;
    if (record.op === 'process' || record.op === 'store') continue;
    if (record.op === 'start') {
      acts.push(instant(line, record));
      continue;
    }
    const calls = open.get(source) ?? new Map<number, number>();
    open.set(source, calls);
    if (record.phase === 'invoke') {
      calls.set(record.call, acts.push(line) - 1);
      continue;
    }
    const index = calls.get(record.call);
    if (index === undefined) throw new Error(`${source}:${line.line} is the outcome of nothing.`);
    calls.delete(record.call);
    acts[index] = answered(acts[index] as Line, line);
  }
  return acts.map((act) => ('what' in act ? act : answered(act, null)));
}

function instant(line: Line, record: StartRecord): StartAct {
  const { source, line: at } = line;
  const { at: time } = record;
  return {
    what: record,
    status: 'ok',
    outcome: null,
    source,
    firstLine: at,
    lastLine: at,
    begin: time,
    end: time,
    lines: [line],
  };
}

function answered(first: Line, last: Line | null): Act {
  const { source, line } = first;
  const outcome = last === null ? null : (last.record as OutcomeRecord);
  const known = outcome !== null && outcome.phase !== 'unknown';
  return {
    what: first.record as InvocationRecord,
    status: !known ? 'unknown' : outcome.phase === 'ok' ? 'ok' : 'refused',
    outcome,
    source,
    firstLine: line,
    lastLine: known ? (last as Line).line : Number.POSITIVE_INFINITY,
    begin: first.record.at,
    end: known ? outcome.at : Number.POSITIVE_INFINITY,
    lines: last === null ? [first] : [first, last],
  };
}

interface OpenLife {
  readonly id: string;
  readonly enqueues: EnqueueAct[];
  readonly runs: Map<number, Run>;
  readonly ends: SettleAct[];
  readonly steers: SteerAct[];
  readonly removes: RemoveAct[];
}

class Sorter {
  readonly claims: ClaimAct[] = [];
  readonly configures = new Map<string, ConfigureAct[]>();
  readonly fires: FireAct[] = [];
  readonly #lives = new Map<string, OpenLife>();

  add(act: Act, complete: boolean): void {
    const { what } = act;
    if (what.op === 'enqueue') this.#life(what.id).enqueues.push(act as EnqueueAct);
    else if (what.op === 'claim') this.#claim(act as ClaimAct);
    else if (what.op === 'start') this.#run(what.id, what.lease).starts.push(act as StartAct);
    else if (what.op === 'settle') this.#settle(act as SettleAct, complete);
    else if (what.op === 'remove') this.#life(what.id).removes.push(act as RemoveAct);
    else if (what.op === 'fire') this.fires.push(act as FireAct);
    else if (what.op === 'configure') this.#configure(act as ConfigureAct);
    else if (what.op !== 'end') this.#life(what.id).steers.push(act as SteerAct);
  }

  lives(): Map<string, TaskLife> {
    const lives = new Map<string, TaskLife>();
    for (const [id, life] of this.#lives) {
      lives.set(id, { ...life, runs: [...life.runs.values()].sort((a, b) => a.lease - b.lease) });
    }
    return lives;
  }

  #life(id: string): OpenLife {
    const known = this.#lives.get(id);
    if (known !== undefined) return known;
    const life = { id, enqueues: [], runs: new Map(), ends: [], steers: [], removes: [] };
    this.#lives.set(id, life);
    return life;
  }

  #run(id: string, lease: number): Run {
    const { runs } = this.#life(id);
    const known = runs.get(lease);
    if (known !== undefined) return known;
    const run = { lease, grants: [], starts: [], settles: [] };
    runs.set(lease, run);
    return run;
  }

  #claim(act: ClaimAct): void {
    this.claims.push(act);
    for (const leased of act.outcome?.leased ?? []) this.#run(leased.id, leased.lease).grants.push({ act, leased });
  }

  /** What a handler's end says, the store says more exactly. */
  #settle(act: SettleAct, complete: boolean): void {
    const { id, lease, to } = act.what;
    if (to === 'any' && complete) return;
    if (lease === null) this.#life(id).ends.push(act);
    else this.#run(id, lease).settles.push(act);
  }

  #configure(act: ConfigureAct): void {
    const { queue } = act.what;
    const known = this.configures.get(queue);
    if (known === undefined) this.configures.set(queue, [act]);
    else known.push(act);
  }
}
