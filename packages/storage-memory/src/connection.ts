import { OmniQError } from '@omniq/core/storage';

/** One opening of a store. Others of the same name are not closed with it. */
export class Connection {
  #closed = false;
  readonly #onClose: () => void;

  constructor(onClose: () => void = () => {}) {
    this.#onClose = onClose;
  }

  /** @throws OmniQError `STORE_CLOSED` */
  check(): void {
    if (this.#closed) throw new OmniQError('STORE_CLOSED', 'The memory store was closed.');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
  }
}
