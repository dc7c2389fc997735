import assert from 'node:assert/strict';
import type { SharedLog } from '@omniq/core/storage';
import { randomFrom, type Random } from '../storage/random.ts';
import { text } from '../storage/rows.ts';
import { logCase, type LogCase } from './log-case.ts';
import type { LogStage } from './log-stage.ts';
import { assertSnapshot } from './snapshot.ts';

const STEPS = 250;

/** Does at random what the openings of a log may do, and holds each to a plain list of what was told. */
class Walk {
  readonly #stage: LogStage;
  readonly #random: Random;
  readonly #openings: SharedLog[];
  #first = 1;
  #snapshot = 0;

  constructor(stage: LogStage, openings: SharedLog[], seed: number) {
    this.#stage = stage;
    this.#openings = openings;
    this.#random = randomFrom(seed);
  }

  async step(): Promise<void> {
    const step = this.#random.pick([
      () => this.#append(),
      () => this.#append(),
      () => this.#append(),
      () => this.#append(),
      () => this.#clash(),
      () => this.#read(),
      () => this.#read(),
      () => this.#save(),
      () => this.#trim(),
      () => this.#reopen(),
    ]);
    await step();
  }

  async check(): Promise<void> {
    for (const log of this.#openings) {
      await this.#stage.readsFrom(this.#first, log, 0);
      if (this.#snapshot > 0) await assertSnapshot(log, this.#snapshot, this.#asOf(this.#snapshot));
    }
  }

  #log(): SharedLog {
    return this.#random.pick(this.#openings);
  }

  async #append(): Promise<void> {
    await this.#stage.append(new Uint8Array(1 + this.#random.below(300)).fill(this.#random.below(256)), this.#log());
  }

  async #clash(): Promise<void> {
    const { head, isNumberedByWriters } = this.#stage;
    if (!isNumberedByWriters || head < this.#first) return;
    const at = this.#first + this.#random.below(head - this.#first + 1);
    assert.equal(await this.#log().append(text('clash'), at), null);
  }

  async #read(): Promise<void> {
    const after = this.#random.below(this.#stage.head + 2);
    if (after > this.#stage.head) assert.deepEqual(await this.#log().read(after, 10), []);
    else await this.#stage.readsFrom(Math.max(after + 1, this.#first), this.#log(), after);
  }

  async #save(): Promise<void> {
    const { head } = this.#stage;
    if (head < this.#first) return;
    const position = this.#first + this.#random.below(head - this.#first + 1);
    await this.#log().saveSnapshot(position, this.#asOf(position));
    this.#snapshot = Math.max(this.#snapshot, position);
  }

  /** Up to what the newest snapshot stands for. */
  async #trim(): Promise<void> {
    if (this.#snapshot < this.#first) return;
    const position = this.#first + this.#random.below(this.#snapshot - this.#first + 2);
    await this.#log().trim(position);
    this.#first = position;
  }

  async #reopen(): Promise<void> {
    const index = this.#random.below(this.#openings.length);
    const reopened = await this.#stage.again();
    await this.#openings[index]?.close();
    this.#openings[index] = reopened;
  }

  #asOf(position: number): Uint8Array {
    return text(`the state as of ${position}`);
  }
}

export const walkCases: readonly LogCase[] = [
  logCase('walk', 'three openings do as a plain list does, through a random walk', async (stage) => {
    const walk = new Walk(stage, [await stage.again(), await stage.again(), await stage.again()], 11);
    for (let step = 1; step <= STEPS; step += 1) {
      await walk.step();
      if (step % 50 === 0) await walk.check();
    }
  }),
];
