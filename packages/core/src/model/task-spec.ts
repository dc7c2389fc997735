import { defaultBackoff, defaultMaxAttempts, type Backoff } from './retry.ts';

/** What the core stores with a task and no store reads. Absent fields have their defaults. */
export interface TaskSpec {
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  /** Of one run, ms. */
  readonly timeoutMs: number | null;
  /** How long the result is kept after the end, ms. `null`: as long as the task. */
  readonly resultTtlMs: number | null;
  /** Follows what belongs together through logs and events; `null`: the task's own id. */
  readonly correlationId: string | null;
  /** The tasks it waited for, in the order given. */
  readonly parents: readonly string[];
  /** The kind of worker it asks for; `null`: any. */
  readonly executor: string | null;
}

export const defaultSpec: TaskSpec = {
  maxAttempts: defaultMaxAttempts,
  backoff: defaultBackoff,
  timeoutMs: null,
  resultTtlMs: null,
  correlationId: null,
  parents: [],
  executor: null,
};

const encoder = new TextEncoder();

/** Only what differs from the defaults is stored; all defaults are no bytes at all. */
export function encodeSpec(spec: Partial<TaskSpec>): Uint8Array | null {
  const told = Object.entries(spec).filter(
    ([key, value]) => value !== undefined && value !== defaultSpec[key as keyof TaskSpec],
  );
  return told.length === 0 ? null : encoder.encode(JSON.stringify(Object.fromEntries(told)));
}

// Specs repeat from task to task: decoding one is then a look-up.
const known = new Map<string, TaskSpec>();
const MAX_KNOWN = 1_000;

/** Never throws: a spec that cannot be read counts as the defaults, so that one bad row stops nobody. */
export function decodeSpec(bytes: Uint8Array | null): TaskSpec {
  if (bytes === null) return defaultSpec;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const found = known.get(text);
  if (found !== undefined) return found;
  const spec = { ...defaultSpec, ...sound(text) };
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(text, spec);
  return spec;
}

/** The readable fields of a stored spec that have the right type. */
function sound(text: string): Partial<TaskSpec> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof parsed !== 'object' || parsed === null) return {};
  const given = parsed as Record<string, unknown>;
  const isCount = (value: unknown): value is number =>
    typeof value === 'number' && Number.isFinite(value) && value >= 0;
  return {
    ...(isCount(given['maxAttempts']) ? { maxAttempts: given['maxAttempts'] } : {}),
    ...(isBackoff(given['backoff']) ? { backoff: given['backoff'] } : {}),
    ...(isCount(given['timeoutMs']) ? { timeoutMs: given['timeoutMs'] } : {}),
    ...(isCount(given['resultTtlMs']) ? { resultTtlMs: given['resultTtlMs'] } : {}),
    ...(typeof given['correlationId'] === 'string' ? { correlationId: given['correlationId'] } : {}),
    ...(typeof given['executor'] === 'string' ? { executor: given['executor'] } : {}),
    ...(Array.isArray(given['parents']) ? { parents: given['parents'].filter((id) => typeof id === 'string') } : {}),
  };
}

function isBackoff(value: unknown): value is Backoff {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, baseMs, capMs, jitter } = value as Record<string, unknown>;
  const numbers = [baseMs, capMs, jitter].every((given) => typeof given === 'number' && Number.isFinite(given));
  return numbers && (kind === 'exponential' || kind === 'linear' || kind === 'fixed');
}
