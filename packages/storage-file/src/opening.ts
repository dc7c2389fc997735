import { OmniQError } from '@omniq/core/storage';
import type { Disk } from './disk.ts';

/** One opening of a store. Others of the same folder are not closed with it. */
export class Opening {
  readonly disk: Disk;
  #isClosed = false;

  constructor(disk: Disk) {
    this.disk = disk;
  }

  /** @throws OmniQError `STORE_CLOSED`, or what the failure means */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.check();
    return this.disk.run(work);
  }

  check(): void {
    if (!this.#isClosed) return;
    throw new OmniQError('STORE_CLOSED', `The store in ${this.disk.folder} was closed.`, { backend: 'file' });
  }

  close(): void {
    this.#isClosed = true;
  }
}
