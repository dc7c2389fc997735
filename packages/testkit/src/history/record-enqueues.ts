import { randomUUID } from 'node:crypto';
import { isTaskDefinition, parseDuration, type EnqueueOptions } from '@omniq/core';
import { digestOfValue } from './digest.ts';
import { failedAs } from './failed-as.ts';
import type { Enqueue, Outcome } from './record.ts';
import type { Recorder } from './recorder.ts';

type Entry = readonly [task: unknown, input?: unknown, options?: EnqueueOptions | undefined];

interface Handle {
  readonly id: string;
  readonly inserted: boolean;
}

/** What of an OmniQ is wrapped. */
export interface Enqueues {
  enqueue(task: never, ...rest: never[]): Promise<Handle>;
  enqueueMany(entries: never): Promise<readonly Handle[]>;
}

/**
 * The enqueues of an OmniQ, recorded with their ids, which are minted here where none is given. What the options and the
 * definition leave to the configuration is not known and not judged: a queue, a time to live.
 */
export function recordEnqueues<Queue extends Enqueues>(
  omniq: Queue,
  recorder: Recorder,
): Pick<Queue, 'enqueue' | 'enqueueMany'> {
  const many = async (entries: readonly Entry[]): Promise<readonly Handle[]> => {
    const named = entries.map(([task, input, options]): Entry => [task, input, { id: randomUUID(), ...options }]);
    return watched(recorder, named.map(described), () => omniq.enqueueMany(named as never));
  };
  const one = async (...[task, input, options]: Entry): Promise<Handle> => {
    const named = { id: randomUUID(), ...options };
    const enqueue = async (): Promise<readonly Handle[]> => [
      await omniq.enqueue(...([task, input, named] as unknown as [never])),
    ];
    return (await watched(recorder, [described([task, input, named])], enqueue))[0] as Handle;
  };
  return { enqueue: one, enqueueMany: many } as unknown as Pick<Queue, 'enqueue' | 'enqueueMany'>;
}

async function watched(
  recorder: Recorder,
  acts: readonly Enqueue[],
  enqueue: () => Promise<readonly Handle[]>,
): Promise<readonly Handle[]> {
  const pending = recorder.invokeAll(acts);
  try {
    const handles = await enqueue();
    recorder.outcomes(
      pending,
      acts.map(({ id }, index) => answered(id, handles[index])),
    );
    return handles;
  } catch (error) {
    recorder.outcomes(
      pending,
      acts.map(() => failedAs(error)),
    );
    throw error;
  }
}

function answered(id: string, handle: Handle | undefined): Outcome {
  if (handle === undefined) return { phase: 'unknown' };
  if (handle.id !== id) return { phase: 'ok', status: 'taken' };
  return { phase: 'ok', status: handle.inserted ? 'inserted' : 'exists' };
}

function described([task, input, options = {}]: Entry): Enqueue {
  const settings = isTaskDefinition(task) ? task.settings : {};
  const { id = '', unique, runAt, delay } = options;
  const asMs = typeof runAt === 'string' ? Date.parse(runAt) : Number(runAt ?? Number.NaN);
  const from = delay === undefined ? asMs : Date.now() + parseDuration(delay, 'delay');
  const known = typeof unique === 'string' ? { key: unique, for: undefined } : unique;
  return {
    op: 'enqueue',
    id,
    queue: options.queue ?? settings.queue ?? null,
    priority: options.priority ?? settings.priority ?? 0,
    runAt: Number.isFinite(from) ? from : null,
    // Held for a period: until when is the store's to say.
    ...(known === undefined || known.for !== undefined ? {} : { unique: { key: known.key, until: null } }),
    digest: digestOfValue(input),
  };
}
