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
  /** Five connections a second are reset. */
  async reset({ arena, isOver }) {
    while (!isOver()) {
      await sleep(200);
      arena.proxy.reset(1);
    }
  },
  /** Ten requests a second reach the server, and their replies do not come back. */
  async 'cut-reply'({ arena, isOver }) {
    while (!isOver()) {
      await sleep(100);
      arena.proxy.cutReplies(1);
    }
  },
  /** Half of the connections fall silent without a word, for 12 s of every 20. */
  async 'half-open'({ arena, recovery, isOver }) {
    while (!isOver()) {
      arena.proxy.silence(Math.ceil(arena.proxy.links / 2));
      await sleep(12_000);
      arena.proxy.heal();
      recovery.faultEnded();
      await sleep(8_000);
    }
  },
  /** Every way takes up to 200 ms, another time each second. */
  async latency({ arena, random, isOver }) {
    while (!isOver()) {
      arena.proxy.delay(random() * 200);
      await sleep(1_000);
    }
    arena.proxy.delay(0);
  },
  /** A worker dies every 3 s, and another takes its place. */
  async 'worker-kill'({ members, random, isOver }) {
    while (!isOver()) {
      await sleep(3_000);
      const workers = members.filter(({ role, child }) => role.kind === 'worker' && child.exitCode === null);
      const victim = workers[Math.floor(random() * workers.length)];
      if (isOver() || victim === undefined) return;
      victim.child.kill('SIGKILL');
      members[members.indexOf(victim)] = startMember(victim.role, victim.report);
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
