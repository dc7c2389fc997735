import type { Engine, EnqueueRequest } from '@omniq/core';
import type { EnqueueArguments, EnqueueEntry, TaskTarget } from './enqueue-entry.ts';
import { TaskHandle } from './task-handle.ts';

/**
 * A queue inside a transaction of yours, of use until that ends. Do not wait for a result before you commit: nobody sees
 * the task until then. Where it goes through an outbox it is there a little later, and nothing tells its handle of a
 * rollback: wait with a timeout.
 */
export class QueueWithin {
  readonly #engine: Engine;
  readonly #transaction: unknown;
  readonly #request: (entry: EnqueueEntry) => EnqueueRequest;

  constructor(engine: Engine, transaction: unknown, request: (entry: EnqueueEntry) => EnqueueRequest) {
    this.#engine = engine;
    this.#transaction = transaction;
    this.#request = request;
  }

  /** @throws OmniQError as `OmniQ.enqueue`, `INVALID_OPTION`, `UNSUPPORTED` */
  async enqueue<Input, Output>(
    task: TaskTarget<Input, Output>,
    ...[input, options]: EnqueueArguments<Input>
  ): Promise<TaskHandle<Output>> {
    const [handle] = await this.enqueueMany([[task as TaskTarget<never, unknown>, input, options]]);
    return handle as TaskHandle<Output>;
  }

  /** @throws OmniQError as `OmniQ.enqueueMany`, `INVALID_OPTION`, `UNSUPPORTED` */
  async enqueueMany(entries: readonly EnqueueEntry[]): Promise<readonly TaskHandle[]> {
    const requests = entries.map((entry) => this.#request(entry));
    const enqueued = await this.#engine.enqueuer.enqueueWithin(this.#transaction, requests);
    const arriving = this.#engine.outbox !== null;
    return enqueued.map(({ id, inserted }) => new TaskHandle(this.#engine, id, inserted, arriving));
  }
}
