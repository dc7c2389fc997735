import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Codec } from '../codec/index.ts';
import { parseDuration, type Duration } from '../duration.ts';
import { OmniQError } from '../errors.ts';
import type { TaskDefinition, TaskSettings } from '../model/define-task.ts';
import { backoffOf, maxAttemptsOf, type RetryOptions } from '../model/retry.ts';
import { encodeSpec, type TaskSpec } from '../model/task-spec.ts';
import { checkId, checkKey, checkName } from '../storage/names.ts';
import type { NewTask, ParentEdge } from '../storage/task-row.ts';
import type { Dependency, EnqueueOptions, TaskDefaults } from './enqueue-options.ts';

/** Later than this after its minting an insert is refused. */
export const admissionMs: number = 15 * 60_000;

/** After the timeout a run has so long to notice its signal. */
export const graceMs = 5_000;

/** How long one claim may hold a task that has no timeout, unless its progress extends it. */
const holdWithoutTimeoutMs = 3_600_000;

/** What a definition says, worked out once. */
interface Prepared {
  readonly settings: TaskSettings;
  readonly timeoutMs: number | null;
  readonly ttlMs: number | null;
  readonly partialSpec: Partial<TaskSpec>;
  readonly spec: Uint8Array | null;
}

/** Turns what a caller enqueues into the row that a store inserts; all that can be wrong with it is found here. */
export class Admission {
  readonly #codec: Codec;
  readonly #defaults: TaskDefaults;
  readonly #prepared = new WeakMap<TaskDefinition<never>, Prepared>();

  constructor(codec: Codec, defaults: TaskDefaults) {
    this.#codec = codec;
    this.#defaults = defaults;
  }

  /** @throws OmniQError `INVALID_*`, `PAYLOAD_*` */
  async admit(
    task: TaskDefinition<never>,
    input: unknown,
    options: EnqueueOptions,
    mint: { readonly id: string; readonly now: number; readonly correlationId: string | null },
  ): Promise<NewTask> {
    const { id, now } = mint;
    const prepared = isPlain(options) ? this.#prepare(task) : this.#work(mergeSettings(task.settings, options));
    const valid = task.input === undefined ? input : await validate(task.input, input, `input of ${task.name}`);
    const queue = prepared.settings.queue ?? 'default';
    const body = valid === undefined ? null : this.#codec.encode(valid, { kind: 'input', name: task.name, queue, id });
    const parents = parentsOf(options);
    const { timeoutMs, ttlMs } = prepared;
    return {
      id,
      queue,
      name: task.name,
      priority: prepared.settings.priority ?? 0,
      runAt: runAtOf(options, now),
      expiresAt: ttlMs === null ? null : now + ttlMs,
      admitBy: now + admissionMs,
      // Its own worker acts after one grace; others step in after another.
      holdMs: timeoutMs === null ? holdWithoutTimeoutMs : timeoutMs + 2 * graceMs,
      unique: uniqueOf(options, now),
      orderKey: null,
      limitKey: null,
      parents,
      body: body instanceof Promise ? await body : body,
      spec: this.#specOf(prepared, parents, options.correlationId ?? mint.correlationId),
    };
  }

  #specOf(prepared: Prepared, parents: readonly ParentEdge[], correlationId: string | null): Uint8Array | null {
    if (parents.length === 0 && correlationId === null) return prepared.spec;
    if (correlationId !== null) checkId(correlationId, 'correlation id');
    const waits = parents.length === 0 ? {} : { parents: parents.map(({ id }) => id) };
    return encodeSpec({ ...prepared.partialSpec, ...waits, ...(correlationId === null ? {} : { correlationId }) });
  }

  #prepare(task: TaskDefinition<never>): Prepared {
    const known = this.#prepared.get(task);
    if (known !== undefined) return known;
    const prepared = this.#work(task.settings);
    this.#prepared.set(task, prepared);
    return prepared;
  }

  #work(given: TaskSettings): Prepared {
    const settings = mergeSettings(this.#defaults, given);
    checkName(settings.queue ?? 'default', 'queue');
    checkPriority(settings.priority);
    const timeoutMs = span(settings.timeout, 'timeout');
    const retry = settings.retry ?? {};
    const maxAttempts = maxAttemptsOf(retry);
    const backoff = backoffOf(retry);
    const resultTtlMs = span(settings.resultTtl, 'resultTtl');
    const partialSpec: Partial<TaskSpec> = {
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
      ...(backoff === undefined ? {} : { backoff }),
      ...(timeoutMs === null ? {} : { timeoutMs }),
      ...(resultTtlMs === null ? {} : { resultTtlMs }),
      ...(settings.executor === undefined ? {} : { executor: settings.executor }),
    };
    return { settings, timeoutMs, ttlMs: span(settings.ttl, 'ttl'), partialSpec, spec: encodeSpec(partialSpec) };
  }
}

/** What the schema makes of a value. @throws OmniQError `INVALID_INPUT` that lists the first issues with their paths. */
export async function validate(schema: StandardSchemaV1, value: unknown, what: string): Promise<unknown> {
  const checked = schema['~standard'].validate(value);
  const result = checked instanceof Promise ? await checked : checked;
  if (result.issues === undefined) return result.value;
  const issues = result.issues.slice(0, 5).map(({ message, path }) => {
    const keys = (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step));
    return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
  });
  throw new OmniQError('INVALID_INPUT', `The ${what} is not valid: ${issues.join('; ')}.`, { issues });
}

function mergeSettings(base: TaskSettings, over: TaskSettings): TaskSettings {
  const retry = base.retry === undefined ? over.retry : mergeRetry(base.retry, over.retry);
  const { queue = base.queue, priority = base.priority, timeout = base.timeout, ttl = base.ttl } = over;
  const { resultTtl = base.resultTtl, executor = base.executor } = over;
  return defined({ queue, priority, timeout, ttl, resultTtl, executor, retry });
}

/** A count given by either name replaces the other's. */
function mergeRetry(base: RetryOptions, over: RetryOptions = {}): RetryOptions {
  const { maxAttempts, maxRetries, ...rest } = base;
  const counts =
    over.maxAttempts === undefined && over.maxRetries === undefined ? defined({ maxAttempts, maxRetries }) : {};
  return { ...rest, ...counts, ...over };
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

const settingKeys: readonly (keyof EnqueueOptions)[] = [
  'queue',
  'priority',
  'retry',
  'timeout',
  'ttl',
  'resultTtl',
  'executor',
];

/** Says nothing that the definition says as well, so what was worked out for it holds. */
function isPlain(options: EnqueueOptions): boolean {
  return !settingKeys.some((key) => options[key] !== undefined);
}

function span(given: Duration | undefined, what: string): number | null {
  return given === undefined ? null : parseDuration(given, what);
}

function checkPriority(priority: number | undefined): void {
  if (priority === undefined || (Number.isInteger(priority) && priority >= -1000 && priority <= 1000)) return;
  throw new OmniQError('INVALID_OPTION', `priority is ${priority}.`, {
    hint: 'It is an integer from -1000 to 1000; higher runs first.',
  });
}

function runAtOf({ runAt, delay }: EnqueueOptions, now: number): number {
  if (delay !== undefined) {
    if (runAt === undefined) return now + parseDuration(delay, 'delay');
    throw new OmniQError('INVALID_OPTION', 'runAt and delay are both given.', { hint: 'Give one of them.' });
  }
  if (runAt === undefined) return now;
  const at = typeof runAt === 'string' ? parseInstant(runAt) : Number(runAt);
  if (Number.isFinite(at) && Math.abs(at) <= 8.64e15) return Math.floor(at);
  throw new OmniQError('INVALID_OPTION', `runAt is ${String(runAt)}.`, {
    hint: 'Give a Date, epoch milliseconds, or an ISO 8601 text such as 2027-01-31T09:00:00Z.',
  });
}

/** A text without a zone means another instant on every machine, so it is refused. */
function parseInstant(text: string): number {
  return /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}

function uniqueOf({ unique }: EnqueueOptions, now: number): NewTask['unique'] {
  if (unique === undefined) return null;
  const { key, for: holds } = typeof unique === 'string' ? { key: unique, for: undefined } : unique;
  checkKey(key, 'unique key');
  return { key, until: holds === undefined ? null : now + parseDuration(holds, 'unique.for') };
}

function parentsOf({ dependsOn, onParentFailure = 'cancel' }: EnqueueOptions): readonly ParentEdge[] {
  if (dependsOn === undefined) return [];
  const given = Array.isArray(dependsOn) ? (dependsOn as readonly Dependency[]) : [dependsOn as Dependency];
  const edges = new Map<string, ParentEdge>();
  for (const dependency of given) {
    const edge =
      typeof dependency === 'string'
        ? { id: dependency, policy: onParentFailure }
        : { id: dependency.id, policy: dependency.policy ?? onParentFailure };
    checkId(edge.id, 'dependsOn');
    edges.set(edge.id, edge);
  }
  return [...edges.values()];
}
