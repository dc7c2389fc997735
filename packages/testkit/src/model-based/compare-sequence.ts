import type { Arena } from './arena.ts';
import { ask } from './ask.ts';
import { bind } from './bind.ts';
import { look } from './look.ts';
import { mismatch, mismatchIn } from './mismatch.ts';
import { perform, tellAnswer } from './perform.ts';
import type { Fault, Side } from './side.ts';
import type { Step } from './step.ts';
import { Timeline, type Placed } from './timeline.ts';
import { learn, type Told } from './told.ts';
import { Trace } from './trace.ts';

/** A step, and the failure of the network that its call meets. */
export interface Scripted {
  readonly step: Step;
  readonly fault?: Fault | undefined;
}

/**
 * Gives both sides one command after the other, and compares every answer and in the end all that can be seen.
 * @param layers both sides stand behind the core's layers, which try again what the network made fail
 * @throws Difference
 */
export async function compareSequence(arena: Arena, script: readonly Scripted[], layers: boolean): Promise<void> {
  const subject = await arena.subject(1, layers);
  const reference = await arena.reference(layers);
  const trace = new Trace(arena.name);
  try {
    await trace.guard(async () => {
      const start = await arena.start(subject);
      const duel = new Duel(
        arena,
        await reference.begin(start),
        await subject.begin(start),
        new Timeline(start, arena.can.without),
        trace,
      );
      for (const scripted of script) await duel.play(scripted);
      await duel.look();
    });
    arena.count('sequences', 1);
  } finally {
    await reference.close();
    await subject.close();
  }
}

class Duel {
  readonly #arena: Arena;
  readonly #reference: Side;
  readonly #subject: Side;
  readonly #timeline: Timeline;
  readonly #trace: Trace;

  constructor(arena: Arena, reference: Side, subject: Side, timeline: Timeline, trace: Trace) {
    this.#arena = arena;
    this.#reference = reference;
    this.#subject = subject;
    this.#timeline = timeline;
    this.#trace = trace;
  }

  async play({ step, fault }: Scripted): Promise<void> {
    const placed = this.#timeline.place(step);
    this.#trace.add(step, fault);
    if (step.verb === 'pass') return;
    if (step.verb === 'look') return this.look();
    if (step.verb === 'ask') return this.#trace.check(await ask(step.of, step.id, this.#subject.tasks(), placed.now));
    const expected = await this.#answer(this.#reference, placed, fault);
    const answer = await this.#answer(this.#subject, placed, fault);
    this.#arena.count('commands', 1);
    this.#trace.check(mismatch(expected, answer));
    this.#trace.answered(expected);
    this.#timeline.answered(placed, expected);
  }

  async look(): Promise<void> {
    const { now } = this.#timeline;
    const { stores } = this.#arena;
    this.#trace.check(
      mismatchIn(await look(this.#reference, now, stores), await look(this.#subject, now, stores)),
      'then a look at everything differs',
    );
  }

  async #answer(side: Side, placed: Placed, fault: Fault | undefined): Promise<Told> {
    const call = await bind(placed, side);
    if (fault !== undefined) side.way.fail?.(fault);
    const answer = await perform(call);
    learn(side, [answer]);
    return tellAnswer(side, placed.step, answer);
  }
}
