import { setTimeout as sleep } from 'node:timers/promises';
import type { Arena } from './arena.ts';
import { startMember, type Member } from './fleet.ts';
import type { Recovery } from './recovery.ts';

/** What faults strike at. */
export interface Target {
  readonly arena: Arena;
  readonly members: Member[];
  readonly random: () => number;
  readonly recovery: Recovery;
  readonly isOver: () => boolean;
}

export type Fault = (target: Target) => Promise<void>;

/** Each goes on until the torture is over. */
export const faults: Readonly<Record<string, Fault>> = {
  /** The server dies every 5 s and comes back a moment later. */
  async 'server-kill'({ arena, random, recovery, isOver }) {
    while (!isOver()) {
      await sleep(5_000);
      if (isOver()) return;
      await arena.server.kill();
      await sleep(random() * 500);
      await arena.server.start();
      recovery.faultEnded();
    }
  },
  /** Ten connections a second are cut. */
  async cut({ arena, isOver }) {
    while (!isOver()) {
      await sleep(100);
      await arena.cut(1);
    }
  },
  /** The server has no connection left for a second, every ten. */
  async exhaust({ arena, isOver }) {
    while (!isOver()) {
      await sleep(9_000);
      if (!isOver()) await arena.exhaust(1_000);
    }
  },
  /** A worker dies every 3 s, and another takes its place. */
  async 'worker-kill'({ members, random, isOver }) {
    while (!isOver()) {
      await sleep(3_000);
      const workers = members.filter(({ role, child }) => role.kind === 'worker' && child.exitCode === null);
      const victim = workers[Math.floor(random() * workers.length)];
      if (isOver() || victim === undefined) return;
      victim.child.kill('SIGKILL');
      members[members.indexOf(victim)] = startMember(victim.role);
    }
  },
  /** A worker stands still for longer than its lease, then goes on as if nothing had been. */
  async 'worker-pause'({ members, random, isOver }) {
    while (!isOver()) {
      const workers = members.filter(({ role }) => role.kind === 'worker');
      const victim = workers[Math.floor(random() * workers.length)];
      victim?.child.kill('SIGSTOP');
      await sleep(8_000);
      victim?.child.kill('SIGCONT');
      await sleep(2_000);
    }
  },
};
