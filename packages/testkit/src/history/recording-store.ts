import type {
  Change,
  ChangeOutcome,
  ClaimedTask,
  ClaimRequest,
  NewTask,
  QueueSettings,
  SwapOutcome,
  TaskStore,
} from '@omniq/core/storage';
import { digestOfBytes } from './digest.ts';
import { describeChange } from './describe-change.ts';
import { failedAs } from './failed-as.ts';
import type { Claim, Configure, Enqueue, Leased, Outcome } from './record.ts';
import type { Pending, Recorder } from './recorder.ts';

export interface RecordingOptions {
  /** How often a task may be executed, if it can be told from its row; default not known. */
  readonly maxAttempts?: (row: NewTask) => number | null;
}

/**
 * A task store of which every insert, claim, change, removal and setting is recorded, with the leases as the store gave
 * them. Goes next to the store, beneath whatever retries: each try is an act of its own.
 */
export function recordingStore(store: TaskStore, recorder: Recorder, options: RecordingOptions = {}): TaskStore {
  recorder.attached(store.capabilities.order);
  const recording: Recording = { store, recorder, options };
  const swap = store.swap?.bind(store);
  return {
    ...passedThrough(store),
    insert: (rows, now) => insert(recording, rows, now),
    claim: (request) => claim(recording, request, () => store.claim(request), asItIs),
    update: (changes, now) => update(recording, changes, now, () => store.update(changes, now), asItIs),
    ...(swap === undefined ? {} : { swap: swapping(recording, swap) }),
    remove: (ids, rememberUntil) => remove(recording, ids, rememberUntil),
    end: (session, beats) => end(recording, session, beats),
    configure: (queue, settings) => configure(recording, queue, settings),
  } as TaskStore;
}

interface Recording {
  readonly store: TaskStore;
  readonly recorder: Recorder;
  readonly options: RecordingOptions;
}

function asItIs<T>(result: T): T {
  return result;
}

/** The settles and the claim are acts of their own, under way at once. */
function swapping(recording: Recording, swap: NonNullable<TaskStore['swap']>): NonNullable<TaskStore['swap']> {
  return (changes, request) => {
    const claimed = (): Promise<SwapOutcome> =>
      claim(
        recording,
        request,
        () => swap(changes, request),
        (swapped) => swapped.claimed,
      );
    return update(recording, changes, request.now, claimed, ({ outcomes }) => outcomes);
  };
}

async function remove({ store, recorder }: Recording, ids: readonly string[], rememberUntil: number): Promise<number> {
  const pending = recorder.invokeAll(ids.map((id) => ({ op: 'remove', id })));
  const call = (): Promise<number> => store.remove(ids, rememberUntil);
  // Which of them went is not told; that they may have gone is all that a checker needs.
  return watched(recorder, pending, call, () => pending.map(() => unknown));
}

async function end({ store, recorder }: Recording, session: string, beats: number | undefined): Promise<boolean> {
  const pending = [recorder.invoke({ op: 'end', session })];
  const call = (): Promise<boolean> => (beats === undefined ? store.end(session) : store.end(session, beats));
  return watched(recorder, pending, call, (first) => [{ phase: first ? 'ok' : 'refused' }]);
}

async function configure(
  { store, recorder }: Recording,
  queue: string,
  settings: Partial<QueueSettings>,
): Promise<void> {
  const pending = [recorder.invoke(describeSettings(queue, settings))];
  const call = (): Promise<void> => store.configure(queue, settings);
  return watched(recorder, pending, call, () => [{ phase: 'ok' }]);
}

const unknown: Outcome = { phase: 'unknown' };

const verbs = ['get', 'list', 'count', 'edges', 'history', 'open', 'beat', 'sessions', 'queues'] as const;
const optionalVerbs = ['time', 'nextDue', 'watch', 'close'] as const;

function passedThrough(store: TaskStore): Partial<TaskStore> {
  const outer: Record<string, unknown> = { capabilities: store.capabilities };
  for (const verb of [...verbs, ...optionalVerbs]) {
    const method = store[verb] as ((...args: unknown[]) => unknown) | undefined;
    if (method !== undefined) outer[verb] = (...args: unknown[]) => method.apply(store, args);
  }
  return outer;
}

/** Makes the call, and notes what came of it before anybody else hears of it. */
async function watched<T>(
  recorder: Recorder,
  pending: readonly Pending[],
  call: () => Promise<T>,
  outcomesOfResult: (result: T) => readonly Outcome[],
): Promise<T> {
  let result: T;
  try {
    result = await call();
  } catch (error) {
    const failure = failedAs(error);
    recorder.outcomes(
      pending,
      pending.map(() => failure),
    );
    throw error;
  }
  recorder.outcomes(pending, outcomesOfResult(result));
  return result;
}

function insert(
  { store, recorder, options }: Recording,
  rows: readonly NewTask[],
  now: number,
): ReturnType<TaskStore['insert']> {
  const pending = recorder.invokeAll(rows.map((row) => describeRow(row, now, options)));
  const call = (): ReturnType<TaskStore['insert']> => store.insert(rows, now);
  return watched(recorder, pending, call, (outcomes) =>
    outcomes.map(({ status }) => (status === 'late' ? { phase: 'fail', error: 'late' } : { phase: 'ok', status })),
  );
}

function claim<T>(
  { recorder }: Recording,
  request: ClaimRequest,
  call: () => Promise<T>,
  read: (result: T) => readonly ClaimedTask[],
): Promise<T> {
  const { session, lane, request: serial, queues, limit, now } = request;
  const act: Claim = { op: 'claim', session, lane, request: serial, queues, limit, now };
  return watched(recorder, [recorder.invoke(act)], call, (result) => [
    { phase: 'ok', leased: read(result).map(describeLease) },
  ]);
}

function update<T>(
  { recorder, options }: Recording,
  changes: readonly Change[],
  now: number,
  call: () => Promise<T>,
  read: (result: T) => readonly ChangeOutcome[],
): Promise<T> {
  const told = changes.flatMap((change, index) => {
    const act = describeChange(change, now);
    const carried = (change.then ?? []).map((row) => ({ act: describeRow(row, now, options), index, carried: true }));
    return act === null ? carried : [{ act, index, carried: false }, ...carried];
  });
  const pending = recorder.invokeAll(told.map(({ act }) => act));
  return watched(recorder, pending, call, (result) => {
    const outcomes = read(result);
    return told.map(({ index, carried }) => describeOutcome(outcomes[index], carried));
  });
}

/** Rows that a change carries are in once it applies, but for those that the store may leave out without a word. */
function describeOutcome(outcome: ChangeOutcome | undefined, carried: boolean): Outcome {
  if (outcome === undefined) return unknown;
  if (outcome.status !== 'applied') return { phase: carried ? 'fail' : 'refused', status: outcome.status };
  return carried ? unknown : { phase: 'ok' };
}

function describeRow(row: NewTask, now: number, { maxAttempts }: RecordingOptions): Enqueue {
  const { id, queue, priority, runAt, expiresAt, unique, orderKey, limitKey, parents } = row;
  return {
    op: 'enqueue',
    id,
    queue,
    priority,
    runAt,
    expiresAt,
    ...(unique === null ? {} : { unique }),
    ...(orderKey === null ? {} : { orderKey }),
    ...(limitKey === null ? {} : { limitKey }),
    ...(parents.length === 0 ? {} : { blocked: true }),
    ...(maxAttempts === undefined ? {} : { maxAttempts: maxAttempts(row) }),
    digest: digestOfBytes(row.body),
    now,
  };
}

function describeLease(task: ClaimedTask): Leased {
  const { id, queue, lease, attempt, crashes, runAt, expiresAt, body } = task;
  return { id, queue, lease, attempt, crashes, runAt, expiresAt, digest: digestOfBytes(body) };
}

function describeSettings(queue: string, { paused, concurrency, perKey }: Partial<QueueSettings>): Configure {
  return {
    op: 'configure',
    queue,
    ...(paused === undefined ? {} : { paused }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(perKey === undefined ? {} : { perKey: perKey?.concurrency ?? null }),
  };
}
