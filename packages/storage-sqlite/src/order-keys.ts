import type { Connection, Statement } from './connection.ts';
import { RUNNING } from './state-code.ts';

const ANY = `SELECT 1 FROM omniq_tasks INDEXED BY omniq_order_keys WHERE order_key IS NOT NULL AND state IN (1, 2) LIMIT 1`;

const IN_USE = `
SELECT 1 FROM omniq_tasks INDEXED BY omniq_order_keys
WHERE order_key = ? AND order_key IS NOT NULL AND state IN (1, 2) LIMIT 1`;

const KEY_OF = `SELECT order_key FROM omniq_tasks WHERE seq = (SELECT task FROM omniq_payloads WHERE id = ?)`;

const IN_FRONT = `
SELECT seq, state FROM omniq_tasks INDEXED BY omniq_order_keys
WHERE order_key = ? AND order_key IS NOT NULL AND behind = 0 AND state IN (1, 2)`;

const FIRST_BEHIND = `
SELECT seq FROM omniq_tasks INDEXED BY omniq_order_keys
WHERE order_key = ? AND order_key IS NOT NULL AND behind = 1 AND state = 1 AND state IN (1, 2) ORDER BY seq LIMIT 1`;

const PLACE = `UPDATE omniq_tasks SET behind = ? WHERE seq = ?`;

/**
 * Of the live tasks of one ordering key exactly one is in front: the one that runs, else the earliest inserted, due or
 * not. All others are out of the claim index, so a key with a long line slows no claim.
 */
export class OrderKeys {
  readonly #any: Statement;
  readonly #inUse: Statement;
  readonly #keyOf: Statement;
  readonly #inFront: Statement;
  readonly #firstBehind: Statement;
  readonly #place: Statement;

  constructor(db: Connection) {
    this.#any = db.prepare(ANY).pluck();
    this.#inUse = db.prepare(IN_USE).pluck();
    this.#keyOf = db.prepare(KEY_OF).pluck();
    this.#inFront = db.prepare(IN_FRONT).raw();
    this.#firstBehind = db.prepare(FIRST_BEHIND).pluck();
    this.#place = db.prepare(PLACE);
  }

  /** Whether any live task has a key: asked once per batch, for most queues have none. */
  any(): boolean {
    return this.#any.get() !== undefined;
  }

  isInUse(key: string): boolean {
    return this.#inUse.get(key) !== undefined;
  }

  /** Puts the right task in front after one of a key has changed its state. */
  lineUpAfter(id: string): void {
    const key = this.#keyOf.get(id) as string | null | undefined;
    if (typeof key === 'string') this.#lineUp(key);
  }

  #lineUp(key: string): void {
    const front = this.#inFront.all(key) as [seq: number, state: number][];
    const running = front.find(([, state]) => state === RUNNING);
    const next = this.#firstBehind.get(key) as number | undefined;
    const waiting = front.map(([seq]) => seq).concat(next ?? []);
    if (waiting.length === 0) return;
    const head = running?.[0] ?? Math.min(...waiting);
    for (const [seq] of front) if (seq !== head) this.#place.run(1, seq);
    if (head === next) this.#place.run(0, head);
  }
}
