import type { ObjectStore } from '@nats-io/obj';
import type { LogSnapshot } from '@omniq/core/storage';
import { isWrongSequence } from './nats-failure.ts';

const digits = 16;
const chunkBytes = 512 * 1024;
const kept = 2;

/** Snapshots as objects named by their position. */
export class NatsSnapshots {
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  /** One that is there already stays. */
  async save(position: number, bytes: Uint8Array): Promise<void> {
    const name = String(position).padStart(digits, '0');
    if ((await this.#objects.info(name)) !== null) return;
    try {
      const meta = { name, options: { max_chunk_size: chunkBytes } };
      await this.#objects.putBlob(meta, bytes, { previousRevision: 0 });
    } catch (error) {
      if (!isWrongSequence(error)) throw error;
    }
  }

  async load(): Promise<LogSnapshot | null> {
    for (const name of await this.#names()) {
      const bytes = await this.#objects.getBlob(name);
      if (bytes !== null) return { position: Number(name), bytes };
    }
    return null;
  }

  /** Forgets all but the newest two. */
  async trim(): Promise<void> {
    for (const name of (await this.#names()).slice(kept)) await this.#objects.delete(name);
  }

  /** The newest first. */
  async #names(): Promise<string[]> {
    const objects = await this.#objects.list();
    return objects
      .map(({ name }) => name)
      .toSorted()
      .toReversed();
  }
}
