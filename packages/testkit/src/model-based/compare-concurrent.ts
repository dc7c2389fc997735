import type { Arena } from './arena.ts';
import { bind, type Call } from './bind.ts';
import { Linearization, type Batch } from './linearize.ts';
import { look } from './look.ts';
import type { Span } from './orders.ts';
import { perform, tellAnswer } from './perform.ts';
import type { Side } from './side.ts';
import type { Step } from './step.ts';
import { Timeline, type Placed } from './timeline.ts';
import { learn } from './told.ts';
import type { Topic } from './topic.ts';
import { Trace } from './trace.ts';

/** A command, and how many turns of the event loop after the others of its batch it begins. */
export interface Started {
  readonly step: Step;
  readonly turns: number;
}

const CLIENTS = 3;

/**
 * Gives the backend batches of commands by several clients at once. What they are answered must be what they would have
 * been answered in some order, one after the other.
 * @throws Difference
 */
export async function compareConcurrent(arena: Arena, script: readonly (readonly Started[])[]): Promise<void> {
  const subject = await arena.subject(CLIENTS, false);
  const trace = new Trace(arena.name);
  try {
    await trace.guard(async () => {
      const start = await arena.start(subject);
      await subject.begin(start);
      const [timeline, linearization] = [new Timeline(start, arena.can.without), new Linearization(arena, start)];
      for (const [index, started] of script.entries()) {
        const together = admissible(started, arena.can.without);
        trace.addTogether(together.map(({ step }) => step));
        const placed = together.map(({ step }) => timeline.place(step));
        const isLast = index === script.length - 1;
        const batch = await made(subject, placed, together);
        batch.placed.forEach((each, place) => timeline.answered(each, batch.answers[place]));
        const { now } = timeline;
        const seen = together.length > 1 || isLast ? { now, what: await look(subject, now, arena.stores) } : undefined;
        arena.count('commands', together.length);
        trace.check(await linearization.add(seen === undefined ? batch : { ...batch, seen }), 'these were');
      }
    });
    arena.count('sequences', 1);
  } finally {
    await subject.close();
  }
}

/** A lane has one claim under way. */
function admissible(given: readonly Started[], without: ReadonlySet<Topic>): readonly Started[] {
  const lanes = new Set<string>();
  const started = without.has('several tasks in one instant') ? withoutInstants(given) : given;
  return started.filter(({ step }) => {
    if (!('claim' in step)) return true;
    const lane = `${step.claim.lane} ${step.claim.session}`;
    return !lanes.has(lane) && lanes.add(lane);
  });
}

/** Commands alone, claims, or commands that insert or change one task each. */
function withoutInstants(started: readonly Started[]): readonly Started[] {
  if (started.length === 1) return started;
  const claims = started.filter(({ step }) => step.verb === 'claim');
  if (claims.length > 0) return claims;
  return started.flatMap(({ step, turns: later }) => {
    if (step.verb === 'swap' || step.verb === 'settle') return [];
    return { step: ofOneTask(step), turns: later };
  });
}

function ofOneTask(step: Step): Step {
  if (step.verb === 'insert') return { ...step, rows: step.rows.slice(0, 1) };
  return step.verb === 'update' ? { ...step, changes: step.changes.slice(0, 1) } : step;
}

async function made(side: Side, placed: readonly Placed[], started: readonly Started[]): Promise<Batch> {
  const calls: Call[] = [];
  for (const each of placed) calls.push(await bind(each, side));
  let tick = 0;
  const spans: Span[] = [];
  const answers = await Promise.all(
    calls.map(async (call, index) => {
      await turns(started[index]?.turns ?? 0);
      const began = (tick += 1);
      const answer = await perform(call);
      spans[index] = { began, ended: (tick += 1) };
      return answer;
    }),
  );
  learn(side, answers);
  return { placed, spans, answers: placed.map(({ step }, index) => tellAnswer(side, step, answers[index])) };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
