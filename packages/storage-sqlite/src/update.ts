import type { Change, ChangeOutcome, Guard } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';
import type { Edges } from './edges.ts';
import type { HeldLeases } from './held-leases.ts';
import type { Inserts } from './insert.ts';
import { neighboursFrom, type Neighbours } from './neighbours.ts';
import type { OrderKeys } from './order-keys.ts';
import type { ResultRows } from './result-rows.ts';
import { SetShapes } from './set-shapes.ts';
import { FIRST_TERMINAL, RUNNING, codeOf } from './state-code.ts';
import type { UniqueKeys } from './unique-keys.ts';

const FIND = `SELECT seq, state, lease, cancel_requested, unique_key, unique_until FROM omniq_tasks
WHERE seq = (SELECT task FROM omniq_payloads WHERE id = ?)`;

const RECORD = `
INSERT INTO omniq_history (task, lease, record) SELECT seq, lease, ? FROM omniq_tasks
WHERE seq = (SELECT task FROM omniq_payloads WHERE id = ?)`;

const LEASE_OF = `SELECT lease FROM omniq_tasks WHERE seq = (SELECT task FROM omniq_payloads WHERE id = ?)`;

const COUNT_HELD = `
SELECT count(*) FROM omniq_tasks INDEXED BY omniq_running WHERE state = 2 AND holder = ? AND lease BETWEEN ? AND ?`;

type Found = readonly [
  seq: number,
  state: number,
  lease: number,
  cancelRequested: number,
  uniqueKey: string | null,
  uniqueUntil: number | null,
];

const applied: ChangeOutcome = { status: 'applied' };
const awaited: ChangeOutcome = { status: 'applied', dependents: true };
const stale: ChangeOutcome = { status: 'stale' };
const missing: ChangeOutcome = { status: 'missing' };
const cancelled: ChangeOutcome = { status: 'cancelled' };

/** What most queues have none of: asked once per batch, so that a plain completion costs one statement. */
interface Ties {
  edges: boolean;
  order: boolean;
}

export interface UpdateParts {
  readonly inserts: Inserts;
  readonly keys: UniqueKeys;
  readonly order: OrderKeys;
  readonly edges: Edges;
  readonly results: ResultRows;
  readonly held: HeldLeases;
}

/** Applies changes, inside a write transaction of the caller's. */
export class Updates {
  readonly #inserts: Inserts;
  readonly #keys: UniqueKeys;
  readonly #order: OrderKeys;
  readonly #edges: Edges;
  readonly #results: ResultRows;
  readonly #held: HeldLeases;
  readonly #shapes: SetShapes;
  readonly #find: Statement;
  readonly #record: Statement;
  readonly #leaseOf: Statement;
  readonly #countHeld: Statement;

  constructor(db: Connection, parts: UpdateParts) {
    this.#inserts = parts.inserts;
    this.#keys = parts.keys;
    this.#order = parts.order;
    this.#edges = parts.edges;
    this.#results = parts.results;
    this.#held = parts.held;
    this.#shapes = new SetShapes(db);
    this.#find = db.prepare(FIND).raw();
    this.#record = db.prepare(RECORD);
    this.#leaseOf = db.prepare(LEASE_OF).pluck();
    this.#countHeld = db.prepare(COUNT_HELD).pluck();
  }

  apply(changes: readonly Change[], now: number): readonly ChangeOutcome[] {
    if (changes.length === 0) return [];
    const ties = { edges: this.#edges.any(), order: this.#order.any() };
    const outcomes: ChangeOutcome[] = [];
    while (outcomes.length < changes.length) {
      const from = outcomes.length;
      const neighbours = ties.order ? undefined : neighboursFrom(changes, from, this.#held);
      if (neighbours === undefined) outcomes.push(this.#one(changes[from] as Change, now, ties));
      else for (const outcome of this.#together(changes, from, neighbours, now, ties)) outcomes.push(outcome);
    }
    return outcomes;
  }

  /** All of them or, where one has lost its lease, each for itself. */
  #together(changes: readonly Change[], from: number, found: Neighbours, now: number, ties: Ties): ChangeOutcome[] {
    const { holder, seq, lease, count } = found;
    const batch = changes.slice(from, from + count);
    if (this.#countHeld.get(holder, lease, lease + count - 1) !== count) {
      return batch.map((change) => this.#one(change, now, ties));
    }
    this.#shapes.together(seq, count, lease, (batch[0] as Change).set);
    return batch.map((change) => this.#complete(change, now, ties));
  }

  #one(change: Change, now: number, ties: Ties): ChangeOutcome {
    const { guard } = change;
    const refusal =
      'lease' in guard
        ? this.#underLease(change, guard)
        : 'edge' in guard
          ? this.#overEdge(change, guard.edge)
          : this.#inStates(change, guard.states, now);
    return refusal ?? this.#complete(change, now, ties);
  }

  #underLease({ id, set }: Change, guard: Extract<Guard, { lease: number }>): ChangeOutcome | undefined {
    const { lease, uncancelled = false } = guard;
    const place = this.#held.find(id, lease);
    if (this.#shapes.underLease(place?.seq ?? id, lease, uncancelled, set)) return undefined;
    const [, state, held, cancelRequested] = (this.#find.get(id) ?? []) as Partial<Found>;
    if (state === undefined) return missing;
    return state === RUNNING && held === lease && cancelRequested === 1 ? cancelled : stale;
  }

  #inStates(
    { id, set }: Change,
    states: Extract<Guard, { states: unknown }>['states'],
    now: number,
  ): ChangeOutcome | undefined {
    const found = this.#find.get(id) as Found | undefined;
    if (found === undefined) return missing;
    const [seq, state] = found;
    if (!states.some((each) => codeOf(each) === state)) return stale;
    const revives = state >= FIRST_TERMINAL && set.state !== undefined && codeOf(set.state) < FIRST_TERMINAL;
    if (!revives) return this.#shapes.inPlace(seq, set);
    return this.#revive(id, found, set, now);
  }

  /** The index of live keys decides; a key that is held for a period is not in it. */
  #revive(id: string, [seq, , , , key, until]: Found, set: Change['set'], now: number): ChangeOutcome | undefined {
    const holder = key === null || until !== null ? undefined : this.#keys.holder(key, now);
    if (holder !== undefined && holder !== id) return { status: 'taken', holder };
    return this.#shapes.inPlace(seq, set);
  }

  #overEdge({ id, set }: Change, parent: string): ChangeOutcome | undefined {
    const [seq] = (this.#find.get(id) ?? []) as Partial<Found>;
    if (seq === undefined) return missing;
    if (!this.#edges.release(seq, parent)) return stale;
    return this.#shapes.inPlace(seq, set);
  }

  /** What belongs to a change that applies. */
  #complete({ id, guard, set, result, resultExpiresAt, record, then }: Change, now: number, ties: Ties): ChangeOutcome {
    if (result !== undefined) {
      const lease = 'lease' in guard ? guard.lease : (this.#leaseOf.get(id) as number);
      this.#results.put({ id, lease, value: result, expiresAt: resultExpiresAt ?? null });
    }
    if (record !== undefined) this.#record.run(record, id);
    if (then !== undefined && then.length > 0) {
      this.#inserts.insertKnown(then, now);
      ties.edges = this.#edges.any();
      ties.order = this.#order.any();
    }
    if (ties.order && (set.state !== undefined || 'edge' in guard)) this.#order.lineUpAfter(id);
    return ties.edges && this.#edges.hasChildren(id) ? awaited : applied;
  }
}
