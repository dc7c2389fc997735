import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report, Role } from './message.ts';

const program = new URL('fleet-process.ts', import.meta.url);
/** A process that does not end by itself in this time, told to, is stuck. */
const STOP_MS = 90_000;

const nothing: Report = { done: 0, failures: 0, unhandled: [] };

/** One process of the fleet. */
export interface Member {
  readonly role: Role;
  readonly child: ChildProcess;
  report: Report;
  /** When {@link Report.done} last grew. */
  grewAt: number;
}

/** One that takes the place of another answers for what that one left behind. */
export function startMember(role: Role, before: Report = nothing): Member {
  const child = fork(program, [JSON.stringify(role)]);
  const member: Member = { role, child, report: { ...before, done: 0 }, grewAt: performance.now() };
  child.on('message', (message: Report) => {
    if (message.done > member.report.done) member.grewAt = performance.now();
    member.report = {
      done: message.done,
      failures: before.failures + message.failures,
      unhandled: [...before.unhandled, ...message.unhandled],
    };
  });
  return member;
}

/** Lets it finish what it has begun. Returns how it ended: its code, a signal, or that it did not. */
export async function stopMember({ child }: Member): Promise<string> {
  if (child.exitCode !== null || child.signalCode !== null) return String(child.signalCode ?? child.exitCode);
  const exit = once(child, 'exit');
  child.send('stop');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  const [code, signal] = (await exit) as [number | null, NodeJS.Signals | null];
  clearTimeout(killer);
  return signal === null ? String(code) : `${signal}, as it did not end within ${STOP_MS} ms`;
}

/** Those that have done nothing since `at`, though there was always something to do, for up to `limitMs`. */
export async function idleSince(members: readonly Member[], at: number, limitMs: number): Promise<readonly Member[]> {
  for (;;) {
    const idle = members.filter(({ grewAt }) => grewAt <= at);
    if (idle.length === 0 || performance.now() > at + limitMs) return idle;
    await sleep(100);
  }
}

export function doneBy(members: readonly Member[]): number {
  return members.reduce((sum, { report }) => sum + report.done, 0);
}
