import type { RecordStore } from '@omniq/core/storage';
import { Piece, type Bytes } from '../machine/piece.ts';

const PREFIX = 'pack/';
/** A pack is closed once it is this large; what is larger by itself has a pack of its own. */
const PACK_BYTES = 256 * 1_024;
/** Packs that were read or written last stay at hand, up to so many bytes. */
const CACHE_BYTES = 16 * 1_024 * 1_024;
/** No codec takes it for a payload: a task whose bytes are gone fails visibly, and holds up no other. */
const GONE: Uint8Array = Uint8Array.of(0);

/** The packs of one entry, before it is appended. */
export interface OpenPacks {
  readonly add: (bytes: Uint8Array) => Piece;
  /** Makes all that was added durable. */
  save(): Promise<void>;
}

/** Bytes too large for the log and for the memory of every replica: packed together, one record for many of them. */
export class Packs {
  readonly #records: RecordStore;
  readonly #cache = new Map<string, Uint8Array>();
  #cached = 0;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  /**
   * @param at epoch ms, by which a pack that no entry names is known to be an orphan
   * @param name unique to the entry
   */
  begin(at: number, name: string): OpenPacks {
    const packs: { readonly key: string; readonly parts: Uint8Array[]; size: number }[] = [];
    return {
      add: (bytes) => {
        let pack = packs.at(-1);
        if (pack === undefined || pack.size + bytes.length > PACK_BYTES) {
          pack = { key: `${PREFIX}${timeKey(at)}-${name}-${packs.length}`, parts: [], size: 0 };
          packs.push(pack);
        }
        const from = pack.size;
        pack.parts.push(bytes);
        pack.size += bytes.length;
        return new Piece(pack.key, from, pack.size);
      },
      save: async () => {
        await Promise.all(
          packs.map(async ({ key, parts }) => {
            const bytes = joined(parts);
            await this.#records.put(key, bytes);
            this.#remember(key, bytes);
          }),
        );
      },
    };
  }

  /** Reads what lies beside the log, each pack once; the function it returns gives the bytes of each value. */
  async open(values: readonly (Bytes | null | undefined)[]): Promise<(value: Bytes) => Uint8Array> {
    const packs = new Map<string, Uint8Array>();
    for (const value of values)
      if (value instanceof Piece && typeof value.source === 'string') packs.set(value.source, GONE);
    await Promise.all(Array.from(packs.keys(), async (key) => packs.set(key, await this.#read(key))));
    return (value) => {
      if (value instanceof Uint8Array) return value;
      const { source, from, to } = value;
      if (typeof source !== 'string') return source.subarray(from, to);
      const pack = packs.get(source) ?? GONE;
      return pack.length < to ? GONE : pack.subarray(from, to);
    };
  }

  /** Deletes packs made before `before` that nothing refers to; returns how many. */
  async sweep(before: number, isNamed: (key: string) => boolean): Promise<number> {
    const until = `${PREFIX}${timeKey(before)}`;
    let gone = 0;
    for (let after: string | null = null; ;) {
      const keys: readonly string[] = await this.#records.list(PREFIX, after, 1_000);
      const old = keys.filter((key) => key < until);
      const orphans = old.filter((key) => !isNamed(key));
      await Promise.all(orphans.map((key) => this.#records.delete(key)));
      gone += orphans.length;
      after = old.at(-1) ?? null;
      if (after === null || old.length < 1_000) return gone;
    }
  }

  async #read(key: string): Promise<Uint8Array> {
    const cached = this.#cache.get(key);
    if (cached !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, cached);
      return cached;
    }
    const record = await this.#records.get(key);
    if (record === undefined) return GONE;
    const { buffer, byteOffset, byteLength } = record.value;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.#remember(key, bytes);
    return bytes;
  }

  #remember(key: string, bytes: Uint8Array): void {
    if (bytes.length > CACHE_BYTES / 4 || this.#cache.has(key)) return;
    this.#cache.set(key, bytes);
    this.#cached += bytes.length;
    for (const [oldest, { length }] of this.#cache) {
      if (this.#cached <= CACHE_BYTES) break;
      this.#cache.delete(oldest);
      this.#cached -= length;
    }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const { buffer, byteOffset, byteLength } = Buffer.concat(parts);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Sorts as the instants do. */
function timeKey(at: number): string {
  return Math.max(0, Math.trunc(at)).toString().padStart(16, '0');
}
