import { createOmniQ, type OmniQConfig, type TaskDefinition } from '@omniq/omniq';
import type { Verdict } from '@omniq/testkit/history';

/** What a process does differently when it is to write down, for a checker, what it does with tasks. */
export interface JobHistory {
  /** The store, recorded. */
  readonly storage: NonNullable<OmniQConfig['storage']>;
  /** The same tasks, each start and end of which is recorded. */
  recorded(tasks: readonly TaskDefinition<never>[]): readonly TaskDefinition<never>[];
}

/** Names the folder that histories go to; not set in normal use, which then loads nothing of this. */
export const historyVariable = 'QUICKSTART_HISTORY';

/** Begins this process's history of a store in SQLite or files, if one is wanted. */
export async function beginHistory(url: string): Promise<JobHistory | null> {
  const folder = process.env[historyVariable];
  if (folder === undefined) return null;
  const [{ recorded, Recorder, recordingPlugin }, { default: plugin }] = await Promise.all([
    import('@omniq/testkit/history'),
    url.startsWith('file:') ? import('@omniq/storage-file') : import('@omniq/storage-sqlite'),
  ]);
  const recorder = Recorder.open(folder);
  return {
    storage: { url, plugin: recordingPlugin(plugin, recorder) },
    recorded: (tasks) =>
      tasks.map((task) => {
        const { run } = task;
        // The bytes of the payload are compared at the store.
        return run === undefined ? task : { ...task, run: recorded(recorder, run, { digest: false }) };
      }),
  };
}

/** What the histories of a run say of it, together with what its store holds in the end. */
export async function judgeHistory(folder: string, storage: string): Promise<{ verdict: Verdict; text: string }> {
  const { checkHistory, printVerdict, readHistory, snapshotOf } = await import('@omniq/testkit/history');
  const omniq = await createOmniQ({ storage, logging: { disabled: true } });
  try {
    const snapshot = await snapshotOf(omniq.tasks);
    const verdict = checkHistory(await readHistory(folder), { snapshot });
    return { verdict, text: printVerdict(verdict) };
  } finally {
    await omniq.close();
  }
}
