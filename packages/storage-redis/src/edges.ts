import type { Edge, EdgePage, EdgeQuery, ParentPolicy } from '@omniq/core/storage';
import type { Connection } from './connection.ts';
import { decodeMember, encodeMember } from './cursor.ts';
import { edgePage } from './lua/edge-page.ts';
import { stateOf } from './packing/state-code.ts';

const policies: Readonly<Record<string, ParentPolicy>> = { c: 'cancel', r: 'run', h: 'hold' };

/** Lists edges that are unresolved, in the order of their bytes. */
export async function listEdges(connection: Connection, query: EdgeQuery): Promise<EdgePage> {
  const { parent = '', child = '', limit } = query;
  const after = query.after === undefined ? '' : decodeMember(query.after, prefixOf(parent, child));
  const reply = await connection.run<(Buffer | number)[]>(edgePage, parent, child, after, limit + 1);
  const members: Buffer[] = [];
  const items: Edge[] = [];
  for (let at = 0; at < reply.length && items.length < limit; at += 2) {
    members.push(reply[at] as Buffer);
    items.push(edgeOf(reply[at] as Buffer, reply[at + 1] as number));
  }
  const last = members.at(-1);
  const more = reply.length > 2 * limit && last !== undefined;
  return { items, ...(more ? { next: encodeMember(last) } : {}) };
}

function prefixOf(parent: string, child: string): Buffer {
  const text = child === '' ? parent : child;
  const kind = child === '' && parent !== '' ? 'p' : 'c';
  return text === '' ? Buffer.from(kind) : Buffer.concat([Buffer.from(kind), lengthOf(text), Buffer.from(text)]);
}

function lengthOf(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(text));
  return length;
}

/** A member: from whom it is looked at, the two ids after their lengths, and the policy. */
function edgeOf(member: Buffer, parentState: number): Edge {
  const oneEnd = 3 + member.readUInt16BE(1);
  const one = member.toString('utf8', 3, oneEnd);
  const otherEnd = oneEnd + 2 + member.readUInt16BE(oneEnd);
  const other = member.toString('utf8', oneEnd + 2, otherEnd);
  const policy = policies[member.toString('latin1', otherEnd)] as ParentPolicy;
  const [child, parent] = member[0] === 99 ? [one, other] : [other, one];
  return { child, parent, policy, parentState: stateOf(parentState) };
}
