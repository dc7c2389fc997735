import type { Ambient } from '@omniq/core';

/** An ambient whose time stands still until it is advanced. Waits for nothing real, so a day passes in a moment. */
export interface VirtualAmbient extends Ambient {
  /** Lets `ms` pass: every timer that falls due fires in its order, and what it starts gets its turns. */
  advance(ms: number): Promise<void>;
  /** Steps the wall clock and leaves monotonic time alone, as an administrator or NTP would. */
  stepWallClock(ms: number): void;
}

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  readonly fn: () => void;
}

/** Turns of the real event loop that code between two timers is given to come to rest. */
const TURNS = 8;

/** @param start epoch ms of the wall clock; default 1,000,000 */
export function virtualAmbient(start = 1_000_000, random: () => number = () => 0.5): VirtualAmbient {
  const timers = new Set<Timer>();
  let now = 0;
  let wall = start;
  let order = 0;

  function due(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueAt > until) continue;
      if (
        first === undefined ||
        timer.dueAt < first.dueAt ||
        (timer.dueAt === first.dueAt && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }

  async function settle(): Promise<void> {
    for (let count = 0; count < TURNS; count += 1) await turn();
  }

  return {
    clock: { now: () => wall + now, monotonic: () => now },
    timers: {
      after(ms, fn) {
        const timer = { dueAt: now + Math.max(0, ms), order: (order += 1), fn };
        timers.add(timer);
        return () => timers.delete(timer);
      },
      turn,
    },
    random,
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let timer = due(until); timer !== undefined; timer = due(until)) {
        timers.delete(timer);
        now = Math.max(now, timer.dueAt);
        timer.fn();
        await settle();
      }
      now = until;
      await settle();
    },
    stepWallClock(ms) {
      wall += ms;
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
