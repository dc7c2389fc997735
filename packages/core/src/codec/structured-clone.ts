import { createHmac, timingSafeEqual } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { contextBytes, type PayloadContext } from './context.ts';
import type { OpenKeyRing } from './key-ring.ts';
import type { PayloadLimits } from './limits.ts';
import { refused } from './refused.ts';

const MAC_BYTES = 32;

/** `tag`, the key's id, a MAC over all that follows from both and the context, and the clone. */
export function packClone(tag: number, value: unknown, context: PayloadContext, keys: OpenKeyRing): Uint8Array {
  const body = serialize(value);
  const id = Buffer.from(keys.current);
  const mac = sign(keys.currentKey, tag, id, context, body);
  return new Uint8Array(Buffer.concat([Buffer.of(tag, id.length), id, mac, body]));
}

/** The signature is checked before anything is read. @throws OmniQError `PAYLOAD_REFUSED` */
export function unpackClone(
  bytes: Uint8Array,
  context: PayloadContext,
  keys: OpenKeyRing | undefined,
  limits: PayloadLimits,
): unknown {
  const idEnd = 2 + (bytes[1] ?? 0);
  const body = bytes.subarray(idEnd + MAC_BYTES);
  if (body.length === 0) throw refused(context, 'it ends too early');
  if (keys === undefined) {
    throw refused(
      context,
      'it is a structured clone, and there is no key to check its signature',
      undefined,
      'Give the codec the signing `keys` that it was written with.',
    );
  }
  const id = Buffer.from(bytes.subarray(2, idEnd));
  const key = keys.keyOf(id.toString('latin1'));
  if (key === undefined) throw refused(context, 'its signing key is not among the keys given');
  const mac = bytes.subarray(idEnd, idEnd + MAC_BYTES);
  if (!timingSafeEqual(mac, sign(key, bytes[0] as number, id, context, body))) {
    throw refused(context, 'its signature does not hold for this task');
  }
  return checkClone(deserialize(body), context, limits);
}

function sign(key: Buffer, tag: number, id: Buffer, context: PayloadContext, body: Uint8Array): Buffer {
  const about = contextBytes(context);
  const head = Buffer.alloc(6);
  head.writeUInt8(tag, 0);
  head.writeUInt8(id.length, 1);
  head.writeUInt32BE(about.length, 2);
  return createHmac('sha256', key).update(head).update(id).update(about).update(body).digest();
}

/** Even under a good signature a clone may hold what no value should: own `__proto__` keys, lengths out of all proportion. */
export function checkClone(root: unknown, context: PayloadContext, { maxNodes }: PayloadLimits): unknown {
  const seen = new Set<object>();
  const open: unknown[] = [root];
  let nodes = 1;
  const visit = (children: Iterable<unknown>): void => {
    for (const child of children) {
      nodes += 1;
      if (nodes > maxNodes) throw refused(context, `it has more than ${maxNodes} values`);
      if (typeof child === 'object' && child !== null) open.push(child);
    }
  };
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null || seen.has(value) || ArrayBuffer.isView(value)) continue;
    seen.add(value);
    if (Object.hasOwn(value, '__proto__')) throw refused(context, 'it has a key __proto__');
    if (Array.isArray(value) && value.length > maxNodes)
      throw refused(context, `it has an array of length ${value.length}`);
    if (value instanceof Map) for (const entry of value) visit(entry);
    else if (value instanceof Set) visit(value);
    visit(Object.values(value));
    if (value instanceof Error) visit([value.cause]);
  }
  return root;
}
