import { readdir, readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second on all machines that Node.js runs on. */
const microsPerTick = 10_000;

interface Times {
  readonly parent: number;
  /** User and system time, in ticks. */
  readonly own: number;
  /** The same of its children that have ended. */
  readonly ended: number;
}

/** Microseconds of user and system time that a process and its children took; `undefined` without `/proc`. */
export async function processTime(pid: number): Promise<number | undefined> {
  const root = await timesOf(`${pid}`);
  if (root === undefined) return undefined;
  const others = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(timesOf));
  const children = others.filter((times) => times?.parent === pid);
  const ticks = children.reduce((sum, times) => sum + (times?.own ?? 0) + (times?.ended ?? 0), root.own + root.ended);
  return ticks * microsPerTick;
}

async function timesOf(pid: string): Promise<Times | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined); // It may just have ended.
  // The name of the program comes second, in brackets, and may have brackets and spaces itself.
  const fields = text
    ?.slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  if (fields === undefined) return undefined;
  const [, parent = 0] = fields;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11);
  return { parent, own: user + system, ended: endedUser + endedSystem };
}
