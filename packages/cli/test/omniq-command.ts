import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createOmniQ, silent, type OmniQ } from '@omniq/omniq';
import { afterAll, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

const children = new Set<ChildProcess>();

// Not after each test: some run at the same time, and none ends another's commands.
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** What a command that has ended has said. */
export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Answer>;
  /** Resolves once so much has been written to stderr. */
  said(text: string): Promise<void>;
}

/** A folder of its own with a SQLite file, commands run in it, and the same queue opened by the test. */
export class Place {
  readonly folder: string;
  readonly url = 'sqlite:./jobs.db';

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Place> {
    const folder = await mkdtemp(join(tmpdir(), 'omniq-cli-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return new Place(folder);
  }

  /** One place for all tests of a file. */
  static async forFile(): Promise<Place> {
    const folder = await mkdtemp(join(tmpdir(), 'omniq-cli-'));
    afterAll(() => rm(folder, { recursive: true, force: true }));
    return new Place(folder);
  }

  /** Runs a command on the store of this place. */
  run(...args: readonly string[]): Promise<Answer> {
    return this.start(args, { OMNIQ_TASK_STORAGE_URL: this.url }).ended;
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ''): Running {
    const { PATH, HOME, TMPDIR } = process.env;
    const child = spawn(process.execPath, [main, ...args], {
      cwd: this.folder,
      env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env },
    });
    child.stdin.end(input);
    return follow(child);
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }

  /** The queue as the test sees it. */
  async open(): Promise<OmniQ> {
    const omniq = await createOmniQ({ tasks: `sqlite:${join(this.folder, 'jobs.db')}`, logger: silent });
    onTestFinished(() => omniq.close());
    return omniq;
  }
}

function follow(child: ChildProcess): Running {
  const said = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ended = once(child, 'close').then(([code]): Answer => ({ code: code as number | null, ...said }));
  children.add(child);
  child.once('close', () => children.delete(child));
  return {
    process: child,
    ended,
    async said(text) {
      while (!said.stderr.includes(text)) {
        const more = await Promise.race([once(child.stderr as NodeJS.ReadableStream, 'data'), ended]);
        if (!Array.isArray(more)) throw new Error(`it ended without saying ${text}: ${said.stderr}`);
      }
    },
  };
}

/** The objects of NDJSON. */
export function lines(text: string): readonly Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
