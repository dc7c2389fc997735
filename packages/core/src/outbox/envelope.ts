import { randomUUID } from 'node:crypto';
import { createCodec, type Codec } from '../codec/index.ts';
import { OmniQError } from '../errors.ts';
import { encodeSpec } from '../model/task-spec.ts';
import { admissionMs } from '../queue/admission.ts';
import type { NewTask } from '../storage/task-row.ts';

/** Where tasks wait to be carried on, in the store that holds the outbox. */
export const outboxQueue = 'omniq.outbox';
/** What carries one of them on. */
export const relayName = 'omniq.relay';

/** A row with a payload at its limit, and what is around it. Its bytes are encoded, signed and encrypted already. */
export const envelopeCodec: Codec = createCodec({ maxBytes: 16 * 1024 * 1024 });

const HOLD_MS = 600_000;

/** Carried on until it arrives, however long the way is closed. */
const spec = encodeSpec({
  maxAttempts: Number.MAX_SAFE_INTEGER,
  backoff: { kind: 'exponential', baseMs: 1_000, capMs: 60_000, jitter: 0.25 },
});

/** The task that carries `row` on. Its id is its own: the store that it waits in may know one of the row's. */
export function wrapRow(row: NewTask, now: number): NewTask {
  const id = randomUUID();
  const context = { kind: 'input', name: relayName, queue: outboxQueue, id } as const;
  return {
    id,
    queue: outboxQueue,
    name: relayName,
    priority: row.priority,
    runAt: now,
    expiresAt: null,
    admitBy: now + admissionMs,
    holdMs: HOLD_MS,
    unique: null,
    orderKey: null,
    limitKey: null,
    parents: [],
    body: envelopeCodec.encode(row, context) as Uint8Array,
    spec,
  };
}

/** The row in an envelope, of which nothing but its types is known to be right. @throws OmniQError `INVALID_INPUT` */
export function unwrapRow(input: unknown): NewTask {
  const row = (typeof input === 'object' ? input : null) as Readonly<Record<string, unknown>> | null;
  const isSound = row !== null && Object.entries(fields).every(([field, isRight]) => isRight(row[field]));
  if (isSound) return row as unknown as NewTask;
  throw new OmniQError('INVALID_INPUT', 'What waits in the outbox is no task.', {
    hint: 'Has another program written to its queue? Cancel it, or remove it.',
  });
}

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isBytes: Check = (value) => value instanceof Uint8Array;
const isList =
  (of: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every((each) => of(each));
const orNull =
  (of: Check): Check =>
  (value) =>
    value === null || of(value);
const isObject =
  (of: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(of).every(([field, check]) => check((value as Record<string, unknown>)[field]));

const fields: Readonly<Record<keyof NewTask, Check>> = {
  id: isText,
  queue: isText,
  name: isText,
  priority: isNumber,
  runAt: isNumber,
  expiresAt: orNull(isNumber),
  admitBy: isNumber,
  holdMs: isNumber,
  unique: orNull(isObject({ key: isText, until: orNull(isNumber) })),
  orderKey: orNull(isText),
  limitKey: orNull(isText),
  parents: isList(isObject({ id: isText, policy: isText })),
  body: orNull(isBytes),
  spec: orNull(isBytes),
};
