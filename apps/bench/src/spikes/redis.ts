import { readFile } from 'node:fs/promises';
import { OmniQError, type BeatReply, type Change, type ChangeOutcome, type ClaimedTask } from '@omniq/core/storage';
import type { ClaimRequest, InsertOutcome, NewSession, NewTask, SessionRow, SwapOutcome } from '@omniq/core/storage';
import { Redis } from 'ioredis';
import type { StoreSpike } from './store-spike.ts';

/** One priority in the score of `due`, as in `redis.lua`. */
const rankSize = 2 ** 42;

type Value = string | number | Buffer;

/** The verbs of a task store that decide its speed, on Redis 7: one function each, one hash tag. */
export class RedisSpike implements StoreSpike {
  readonly #redis: Redis;
  readonly #prefix: string;
  /** What virtual time is ahead of the server's clock, in ms; tests only. */
  readonly #aheadMs: number;

  constructor(url: string, { namespace = 'bench', aheadMs = 0 }: { namespace?: string; aheadMs?: number } = {}) {
    this.#redis = new Redis(url, { lazyConnect: true });
    this.#prefix = `{${namespace}}:`;
    this.#aheadMs = aheadMs;
  }

  async migrate(): Promise<void> {
    await this.#redis.function('LOAD', 'REPLACE', await readFile(new URL('redis.lua', import.meta.url), 'utf8'));
  }

  async insert(rows: readonly NewTask[], now: number): Promise<InsertOutcome[]> {
    const letters = await this.#call<Buffer>('insert', [now, this.#aheadMs, ...rows.flatMap(insertArguments)]);
    return Array.from(letters.toString(), (letter) =>
      letter === 'i' ? { status: 'inserted', settled: false } : { status: letter === 'e' ? 'exists' : 'late' },
    );
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    return claimedTasks(await this.#call<Buffer[]>('claim', claimArguments(request)));
  }

  async update(changes: readonly Change[], _now: number): Promise<readonly ChangeOutcome[]> {
    return outcomes(await this.#call<Buffer>('update', [changes.length, ...changes.flatMap(changeArguments)]));
  }

  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome> {
    const values = [changes.length, ...changes.flatMap(changeArguments), ...claimArguments(request)];
    const [letters, claimed] = await this.#call<[Buffer, Buffer[] | Error]>('swap', values);
    if (claimed instanceof Error) throw sessionEnded(claimed);
    return { outcomes: outcomes(letters), claimed: claimedTasks(claimed) };
  }

  async open({ id, host, pid, processStart }: NewSession, now: number): Promise<void> {
    await this.#call('open', [id, host, pid, processStart, now]);
  }

  async beat(session: string, now: number): Promise<BeatReply> {
    const [live, leases, cancelled] = await this.#call<[number, number, Buffer[]]>('beat', [session, now]);
    return { live: live === 1, leases, cancelled: cancelled.map(String) };
  }

  async sessions(): Promise<readonly SessionRow[]> {
    const ids = await this.#redis.smembers(`${this.#prefix}sessions`);
    const rows = await Promise.all(ids.map((id) => this.#session(id)));
    return rows.filter(({ ended, leases }) => !ended || leases > 0);
  }

  async end(session: string, beats?: number): Promise<boolean> {
    return (await this.#call<number>('end', [session, beats ?? ''])) === 1;
  }

  async running(session: string, limit: number): Promise<readonly { id: string; lease: number }[]> {
    const ids = (await this.#redis.smembers(`${this.#prefix}running:${session}`)).toSorted().slice(0, limit);
    if (ids.length === 0) return [];
    const metas = await this.#redis.hmgetBuffer(`${this.#prefix}meta`, ...ids);
    return ids.map((id, i) => ({ id, lease: metas[i]?.readDoubleLE(1) ?? 0 }));
  }

  async left(now: number): Promise<number> {
    const queues = await this.#redis.keys(`${this.#prefix}due:*`);
    const counts = await Promise.all(queues.map((queue) => this.#due(queue, now)));
    const running = await this.#redis.zcard(`${this.#prefix}deadline`);
    return counts.reduce((sum, count) => sum + count, running);
  }

  async idle(): Promise<void> {
    await this.#redis.set(`${this.#prefix}idle`, '1');
  }

  async listen(wake: () => void): Promise<() => Promise<void>> {
    const blocking = this.#redis.duplicate();
    const wait = async (): Promise<void> => {
      for (;;) {
        await blocking.blpop(`${this.#prefix}wake`, 0);
        wake();
      }
    };
    const waiting = wait().catch(() => undefined); // The disconnect below ends it.
    return async () => {
      blocking.disconnect();
      await waiting;
    };
  }

  async pause(queue: string, paused: boolean): Promise<void> {
    if (paused) await this.#redis.sadd(`${this.#prefix}paused`, queue);
    else await this.#redis.srem(`${this.#prefix}paused`, queue);
  }

  async close(): Promise<void> {
    await this.#redis.quit();
  }

  /** Walks the priorities of a queue, as a claim does. */
  async #due(queue: string, now: number): Promise<number> {
    for (let rank = 0, count = 0; ; rank += 1) {
      const [, score] = await this.#redis.zrangebyscore(queue, rank * rankSize, '+inf', 'WITHSCORES', 'LIMIT', 0, 1);
      if (score === undefined) return count;
      rank = Math.floor(Number(score) / rankSize);
      count += await this.#redis.zcount(queue, rank * rankSize, rank * rankSize + now);
    }
  }

  async #session(id: string): Promise<SessionRow> {
    const row = await this.#redis.hgetall(`${this.#prefix}session:${id}`);
    const leases = await this.#redis.scard(`${this.#prefix}running:${id}`);
    const { host = '', processStart = '', pid, openedAt, beatAt, beats, ended } = row;
    const numbers = { pid: Number(pid), openedAt: Number(openedAt), beatAt: Number(beatAt), beats: Number(beats) };
    return { id, host, processStart, ...numbers, ended: ended === '1', leases };
  }

  async #call<Reply>(name: string, values: Value[]): Promise<Reply> {
    try {
      return (await this.#redis.callBuffer('FCALL', [`bench_${name}`, 1, this.#prefix, ...values])) as Reply;
    } catch (error) {
      throw error instanceof Error && error.message.includes('SESSION_ENDED') ? sessionEnded(error) : error;
    }
  }
}

function sessionEnded(cause: Error): OmniQError {
  return new OmniQError('SESSION_ENDED', 'The session is not open.', { cause });
}

function insertArguments(row: NewTask): Value[] {
  const { id, queue, priority, runAt, expiresAt, admitBy, holdMs } = row;
  return [id, queue, priority, runAt, expiresAt ?? 0, admitBy, holdMs, packRecord(row)];
}

/** Name, spec and body, each after its length. */
function packRecord({ name, spec, body }: NewTask): Buffer {
  const nameBytes = Buffer.from(name);
  const lengths = Buffer.alloc(10);
  lengths.writeUInt16LE(nameBytes.length, 0);
  lengths.writeInt32LE(spec?.length ?? -1, 2);
  lengths.writeInt32LE(body?.length ?? -1, 6);
  return Buffer.concat([lengths, nameBytes, spec ?? Buffer.alloc(0), body ?? Buffer.alloc(0)]);
}

function unpackRecord(record: Buffer): Pick<NewTask, 'name' | 'spec' | 'body'> {
  const nameEnd = 10 + record.readUInt16LE(0);
  const specLength = record.readInt32LE(2);
  const specEnd = nameEnd + Math.max(specLength, 0);
  return {
    name: record.toString('utf8', 10, nameEnd),
    spec: specLength < 0 ? null : record.subarray(nameEnd, specEnd),
    body: record.readInt32LE(6) < 0 ? null : record.subarray(specEnd),
  };
}

function claimArguments({ session, lane, request, limit, start, now, queues }: ClaimRequest): Value[] {
  return [session, lane, request, limit, start, now, ...queues];
}

function changeArguments({ id, guard, set, result }: Change): Value[] {
  const lease = 'lease' in guard ? guard.lease : -1;
  const uncancelled = 'lease' in guard && guard.uncancelled === true ? 1 : 0;
  const fields = [set.state, set.finishedAt, set.attempt, set.crashes, set.runAt, uncancelled].join();
  return [id, lease, fields, result === undefined ? '' : Buffer.from(result)];
}

function outcomes(letters: Buffer): ChangeOutcome[] {
  const names = { a: 'applied', s: 'stale', m: 'missing', c: 'cancelled' } as const;
  return Array.from(letters.toString(), (letter) =>
    letter === 'd' ? { status: 'applied', dependents: true } : { status: names[letter as keyof typeof names] },
  );
}

/** Three values a task: id, meta as packed by the functions, record as packed here. */
function claimedTasks(values: readonly Buffer[]): ClaimedTask[] {
  return Array.from({ length: values.length / 3 }, (_, i) => {
    const [id, meta, record] = values.slice(3 * i, 3 * i + 3) as [Buffer, Buffer, Buffer];
    return { id: id.toString(), ...unpackMeta(meta), ...unpackRecord(record) };
  });
}

/** The layout of `redis.lua`. */
function unpackMeta(meta: Buffer): Omit<ClaimedTask, 'id' | 'name' | 'spec' | 'body'> {
  return {
    lease: meta.readDoubleLE(1),
    priority: meta.readInt16LE(9),
    runAt: meta.readDoubleLE(11),
    expiresAt: orNull(meta.readDoubleLE(27)),
    createdAt: meta.readDoubleLE(43),
    attempt: meta.readUInt16LE(51),
    crashes: meta.readUInt16LE(53),
    redrives: meta.readUInt16LE(55),
    startedAt: orNull(meta.readDoubleLE(58)),
    deadlineAt: orNull(meta.readDoubleLE(66)),
    queue: meta.toString('utf8', 84, meta.indexOf(0, 84)),
  };
}

function orNull(time: number): number | null {
  return time === 0 ? null : time;
}
