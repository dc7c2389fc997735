/**
 * What a task store can and cannot do. A feature that is `false` here is refused with `UNSUPPORTED` when it is
 * configured or asked for, and the conformance kit tests that branch as well.
 */
export interface Capabilities {
  /** Survives the end of the process that wrote it. */
  readonly durable: boolean;
  /** Who can share it: one process, all processes of a host, or all hosts of a network. */
  readonly shared: 'process' | 'host' | 'network';
  /** `strict`: claims follow the promised order exactly. `loose`: within a stated staleness. */
  readonly order: 'strict' | 'loose';
  /** Has a clock of its own, which {@link TaskStore.time} reads and against which `now` is checked. */
  readonly clock: boolean;
  /** Wakes listeners when a task becomes claimable; without it the core polls. */
  readonly watch: boolean;
  /** Commits a result in the same step as the change that carries it. */
  readonly results: boolean;
  /** Commits the rows of {@link Change.then} in the same step as the change that carries them. */
  readonly then: boolean;
  /** Takes part in a transaction of the user's. */
  readonly transactions: boolean;
  /** Enforces {@link NewTask.unique}. */
  readonly uniqueKeys: boolean;
  /** Enforces {@link NewTask.orderKey}. */
  readonly orderKeys: boolean;
  /** Enforces concurrency and rates of {@link QueueSettings}. */
  readonly limits: boolean;
}
