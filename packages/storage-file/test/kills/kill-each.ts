import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface KillOptions {
  /** Where the store and what was acknowledged of it are kept; must exist. */
  readonly folder: string;
  readonly kills: number;
  /** Writers at a time. */
  readonly writers: number;
  /** A share from 0 to 1: after how much of the longest life a writer dies. */
  readonly random: () => number;
}

const LONGEST_LIFE_MS = 60;

/** Runs a script over and over, several at a time, and kills each run at some moment after it said that it is at it. */
export async function killEach(
  script: string,
  { kills, writers, random }: KillOptions,
  argumentsOf: (name: string) => readonly string[],
): Promise<void> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  let left = kills;
  async function writer(): Promise<void> {
    while (left > 0) {
      const child = fork(path, argumentsOf(`w${left--}`), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      await lifeOf(child, random() * LONGEST_LIFE_MS);
    }
  }
  await Promise.all(Array.from({ length: writers }, writer));
}

async function lifeOf(child: ChildProcess, ms: number): Promise<void> {
  const ended = once(child, 'close');
  const [message] = (await Promise.race([once(child, 'message'), ended])) as unknown[];
  if (message !== 'ready') throw new Error('A writer ended before it was killed.');
  await pause(ms);
  child.kill('SIGKILL');
  const [, signal] = (await ended) as unknown[];
  if (signal !== 'SIGKILL') throw new Error('A writer ended before it was killed.');
}
