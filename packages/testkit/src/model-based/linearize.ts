import { isDeepStrictEqual } from 'node:util';
import type { Arena } from './arena.ts';
import { bind } from './bind.ts';
import { look } from './look.ts';
import { mismatch, mismatchIn } from './mismatch.ts';
import { ordersOf, type Span } from './orders.ts';
import { perform, tellAnswer } from './perform.ts';
import type { Side } from './side.ts';
import type { Placed } from './timeline.ts';
import { learn, type Told } from './told.ts';

/** Commands that were under way together, what each was answered, and what could be seen once all had ended. */
export interface Batch {
  readonly placed: readonly Placed[];
  readonly spans: readonly Span[];
  readonly answers: readonly Told[];
  /** Absent where nothing was looked at. */
  readonly seen?: { readonly now: number; readonly what: Record<string, Told> };
}

type Orders = readonly (readonly number[])[];

/** So many replays are made before orders of earlier batches are held for exhausted. */
const MOST_REPLAYS = 600;

/** Looks for an order of everything so far in which the reference answers as the backend did. */
export class Linearization {
  readonly #arena: Arena;
  readonly #start: number;
  readonly #batches: Batch[] = [];
  #orders: Orders = [];
  #replays = 0;

  constructor(arena: Arena, start: number) {
    this.#arena = arena;
    this.#start = start;
  }

  /** Takes one more batch in. Returns how the reference differs in the order that was asked last, if it does in all. */
  async add(batch: Batch): Promise<string | undefined> {
    this.#batches.push(batch);
    this.#replays = 0;
    const found = (await this.#extend(this.#orders)) ?? (await this.#extend([]));
    if (found !== undefined) this.#orders = found;
    return found === undefined ? this.#differs() : undefined;
  }

  /** Goes on from these orders of the first batches; steps back where one leads nowhere. */
  async #extend(orders: Orders): Promise<Orders | undefined> {
    const batch = this.#batches[orders.length];
    if (batch === undefined) return orders;
    for (const order of ordersOf(batch.spans)) {
      if (this.#replays >= MOST_REPLAYS) return undefined;
      const next = [...orders, order];
      if ((await this.#replay(next)) !== undefined) continue;
      const found = await this.#extend(next);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #differs(): Promise<string> {
    const batch = this.#batches.at(-1) as Batch;
    const [first = []] = ordersOf(batch.spans);
    const found = await this.#replay([...this.#orders.slice(0, this.#batches.length - 1), first]);
    return `No order of them explains the answers; in the order of their start\n${found ?? ''}`;
  }

  /** What a fresh reference answers otherwise than the backend did in the last of these batches. */
  async #replay(orders: Orders): Promise<string | undefined> {
    this.#replays += 1;
    const side = await this.#arena.reference(false);
    try {
      await side.begin(this.#start);
      let found: string | undefined;
      for (const [index, order] of orders.entries()) {
        const batch = this.#batches[index] as Batch;
        const answers = await replayed(side, batch, order);
        if (index === orders.length - 1) found = await this.#compared(side, batch, answers);
        // What is named by when it was seen has to be seen as often.
        else if (batch.seen !== undefined) learn(side, await side.tasks().sessions());
      }
      return found;
    } finally {
      await side.close();
    }
  }

  async #compared(side: Side, { answers: got, seen }: Batch, expected: readonly Told[]): Promise<string | undefined> {
    if (!isDeepStrictEqual(expected, got)) return mismatch(expected, got);
    if (seen === undefined) return undefined;
    const found = mismatchIn(await look(side, seen.now, this.#arena.stores), seen.what);
    return found === undefined ? undefined : `then a look at everything differs: ${found}`;
  }
}

async function replayed(side: Side, { placed }: Batch, order: readonly number[]): Promise<readonly Told[]> {
  const calls = [];
  for (const each of placed) calls.push(await bind(each, side));
  const answers: unknown[] = [];
  for (const index of order) answers[index] = await perform(calls[index] as (typeof calls)[number]);
  learn(side, answers);
  return placed.map(({ step }, index) => tellAnswer(side, step, answers[index]));
}
