import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Report } from './report.ts';

const main = resolve(import.meta.dirname, 'main.ts');

/** How one process of the job ended. */
export interface Ended {
  /** `null` when it was killed. */
  readonly code: number | null;
  /** What it printed with `--json`, if it came so far. */
  readonly report: Report | null;
  readonly stderr: string;
  /** Ids of tasks in the order in which their runs began, and of those that the store had taken as completed. */
  readonly started: readonly string[];
  readonly completed: ReadonlySet<string>;
  /** From its start to the first task that it began. */
  readonly firstTaskMs: number | null;
}

/** The job in a process of its own, by the same command as everybody's, such that it can be killed. */
export class MainProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #began = performance.now();

  /** `args` after the `--json --verbose` that are given anyhow; `env` beside the environment that is there. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [main, '--json', '--verbose', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.ended = this.#watch();
  }

  async #watch(): Promise<Ended> {
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('The process has no output.');
    const started: string[] = [];
    const completed = new Set<string>();
    const lines: string[] = [];
    let firstTaskMs: number | null = null;
    createInterface({ input: stderr }).on('line', (line) => {
      lines.push(line);
      const [event, , task] = line.split(' ');
      if (event === 'EXECUTING' && task !== undefined) {
        firstTaskMs ??= performance.now() - this.#began;
        started.push(task);
      }
      if (event === 'COMPLETE' && task !== undefined) completed.add(task);
    });
    let out = '';
    stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    const code = await new Promise<number | null>((done, failed) => {
      this.child.once('error', failed).once('close', (exitCode) => done(exitCode));
    });
    const report = code === 0 ? (JSON.parse(out) as Report) : null;
    return { code, report, stderr: lines.join('\n'), started, completed, firstTaskMs };
  }
}
