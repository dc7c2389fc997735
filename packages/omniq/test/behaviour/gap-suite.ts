import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createOmniQ, silent } from '../../src/index.ts';
import type { Gap, Job } from './gap-process.ts';
import { after } from './stores.ts';

/** Between any two writes of a task's life, where its stores are different ones. */
const gaps: Readonly<Record<string, Gap>> = {
  'the insert and what is told of it': { store: 'tasks', verbs: ['insert'], nth: 1, when: 'after' },
  'the insert of a parent and that of its child': { store: 'tasks', verbs: ['insert'], nth: 2, when: 'before' },
  'the insert of a child and its first claim': { store: 'tasks', verbs: ['claim', 'swap'], nth: 1, when: 'before' },
  'a claim and its run': { store: 'tasks', verbs: ['claim'], nth: 1, when: 'after' },
  'a run and its result': { store: 'results', verbs: ['put'], nth: 1, when: 'before' },
  'the result and the end of its task': { store: 'results', verbs: ['put'], nth: 1, when: 'after' },
  'the end of a parent and the release of its child': {
    store: 'tasks',
    verbs: ['update', 'swap'],
    nth: 1,
    when: 'after',
  },
  'the release of a child and its claim': { store: 'tasks', verbs: ['update', 'swap'], nth: 2, when: 'after' },
  'the result of a child and its end': { store: 'results', verbs: ['put'], nth: 2, when: 'after' },
  'the end of a task and what is told of it': { store: 'events', verbs: ['append'], nth: 1, when: 'before' },
};

/** Places for the stores of one run. */
export type Places = () => Promise<Job['urls']>;

/** A process dies in each gap, and the next one has to repair what it left. */
export function gapSuite(name: string, places: Places): void {
  describe(name, () => {
    test.each(Object.entries(gaps))('a crash between %s is repaired by the next process', async (_name, gap) => {
      const urls = await places();
      expect(await run({ urls, gap })).toBe('SIGKILL');
      expect(await run({ urls })).toBe(0);
      const omniq = await createOmniQ({ ...urls, schedules: urls.tasks, logger: silent });
      after(() => omniq.close());
      expect(await omniq.handle('parent').result({ timeout: '1s' })).toBe(42);
      expect(await omniq.handle('child').result({ timeout: '1s' })).toBe(50);
      expect((await omniq.tasks.get('child'))?.state).toBe('completed');
    });
  });
}

/** A folder of its own for what lies in files. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'omniq-gaps-'));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** How the process ended: its signal or its code. */
async function run(job: Job): Promise<string | number | null> {
  const child = fork(new URL('gap-process.ts', import.meta.url), [JSON.stringify(job)], {
    env: { ...process.env, OMNIQ_EVENT_LEVEL: 'INFO' },
  });
  after(async () => child.kill('SIGKILL'));
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal ?? code;
}
