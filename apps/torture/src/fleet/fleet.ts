import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Report, Role } from './message.ts';

const program = new URL('fleet-process.ts', import.meta.url);
/** A process that does not end by itself in this time, told to, is stuck. */
const STOP_MS = 90_000;

/** One process of the fleet. */
export interface Member {
  readonly role: Role;
  readonly child: ChildProcess;
  report: Report;
  /** When {@link Report.done} last grew. */
  grewAt: number;
}

export function startMember(role: Role): Member {
  const child = fork(program, [JSON.stringify(role)]);
  const member: Member = { role, child, report: { done: 0, failures: 0, unhandled: [] }, grewAt: performance.now() };
  child.on('message', (message: Report) => {
    if (message.done > member.report.done) member.grewAt = performance.now();
    member.report = message;
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

export function doneBy(members: readonly Member[]): number {
  return members.reduce((sum, { report }) => sum + report.done, 0);
}
