import { createHash } from 'node:crypto';
import { OmniQError } from '../errors.ts';
import type { RecordStore } from '../storage/record-store.ts';
import type { PayloadContext } from './context.ts';
import { refused } from './refused.ts';
import type { Transform } from './transform.ts';

export interface OffloadOptions {
  /** Where the bodies go. Shared by all that enqueue and work. */
  readonly records: RecordStore;
  /** Bytes from which on a payload goes there. Default 65,536. */
  readonly above?: number;
  /** The largest value that it takes, whatever the codec's `maxBytes`. Default 64 MiB. */
  readonly maxBytes?: number;
}

export interface OffloadTransform extends Transform {
  /** Deletes what is offloaded for a task, once the task itself is forgotten. Returns how many records went. */
  forget(task: Pick<PayloadContext, 'name' | 'queue' | 'id'>): Promise<number>;
}

const HASH_BYTES = 32;
const PREFIX = 'payload/';
const PAGE = 100;

/**
 * Keeps large payloads in a record store, and in the task a reference: size and SHA-256. The record is durable before
 * the task is; its key follows from the task and the hash, so that stored bytes cannot point anywhere else, the same
 * payload again is the same record, and results of two runs are two.
 */
export function offload({ records, above = 65_536, maxBytes = 67_108_864 }: OffloadOptions): OffloadTransform {
  const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0;
  if (!isSize(above) || !isSize(maxBytes)) {
    throw new OmniQError('INVALID_OPTION', 'The bounds of offload() are not sizes.', { hint: 'Give them in bytes.' });
  }
  return {
    name: 'offload',
    maxBytes,
    encode: (bytes, context) => (bytes.length < above ? null : put(records, bytes, context)),
    decode: (bytes, context, limit) => fetch(records, bytes, context, limit),
    forget: (task) => forget(records, task),
  };
}

async function put(records: RecordStore, bytes: Uint8Array, context: PayloadContext): Promise<Uint8Array> {
  const hash = createHash('sha256').update(bytes).digest();
  // Create only: a record of this key can hold nothing else.
  await records.put(keyOf(context, hash), bytes, null);
  const reference = new Uint8Array(HASH_BYTES + 8);
  reference.set(hash);
  new DataView(reference.buffer).setBigUint64(HASH_BYTES, BigInt(bytes.length));
  return reference;
}

async function fetch(
  records: RecordStore,
  reference: Uint8Array,
  context: PayloadContext,
  limit: number,
): Promise<Uint8Array> {
  if (reference.length !== HASH_BYTES + 8) throw refused(context, 'its reference is damaged', 'offload');
  const hash = Buffer.from(reference.subarray(0, HASH_BYTES));
  const size = new DataView(reference.buffer, reference.byteOffset).getBigUint64(HASH_BYTES);
  if (size > limit) throw refused(context, `its record has ${size} bytes, over the limit of ${limit}`, 'offload');
  const record = await records.get(keyOf(context, hash));
  if (record === undefined) throw refused(context, 'its record is gone', 'offload', 'Was it deleted before the task?');
  const isWhole =
    BigInt(record.value.length) === size && createHash('sha256').update(record.value).digest().equals(hash);
  if (!isWhole) throw refused(context, 'its record was changed', 'offload');
  return record.value;
}

async function forget(records: RecordStore, task: Pick<PayloadContext, 'name' | 'queue' | 'id'>): Promise<number> {
  const prefix = `${PREFIX}${ownerOf(task)}/`;
  let gone = 0;
  let after: string | null = null;
  do {
    const keys: readonly string[] = await records.list(prefix, after, PAGE);
    const deleted = await Promise.all(keys.map((key) => records.delete(key)));
    gone += deleted.filter(Boolean).length;
    after = keys.length < PAGE ? null : (keys.at(-1) ?? null);
  } while (after !== null);
  return gone;
}

function keyOf({ kind, ...task }: PayloadContext, hash: Buffer): string {
  return `${PREFIX}${ownerOf(task)}/${kind}-${hash.toString('hex')}`;
}

/** Names of tasks are hostile; their hash is a safe part of a key anywhere. */
function ownerOf({ name, queue, id }: Pick<PayloadContext, 'name' | 'queue' | 'id'>): string {
  return createHash('sha256')
    .update(JSON.stringify([name, queue, id]))
    .digest('hex')
    .slice(0, 40);
}
