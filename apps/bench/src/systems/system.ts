/** A queue under measurement. One file each, opened anew in every process of every measurement. */
export interface System {
  readonly name: string;
  readonly store: StoreName;
  /** The npm packages whose versions are reported; the first is the system itself. Empty for our own limits. */
  readonly packages: readonly string[];
  /** What was chosen: concurrency, batch, prefetch, and durability where the system decides it. */
  readonly settings: string;
  /** What the server was told about it, where one store comes in several. */
  readonly durability?: string;
  /** A queue of others, with which ours is compared. */
  readonly peer?: true;
  /** Its workloads are measured against this one, on the same store in the same repetition. */
  readonly raw: string;
  /** `false`: the tasks live in the process, so that other processes cannot take part. */
  readonly shared: boolean;
  open(target: Target): Promise<Queue>;
}

export type StoreName = 'memory' | 'file' | 'sqlite' | 'postgres' | 'redis' | 'redis-aof' | 'nats';

/** Where the tasks of one measurement live: a server's URL with an own database or prefix, a new file or folder. */
export interface Target {
  readonly url: string;
  /** Unique per measurement. */
  readonly scope: string;
  /** Says that this process comes first and may create what is missing. */
  readonly create: boolean;
  /** How long a claimed task is left to a claimer that is silent, in ms; only some of our own limits let it be chosen. */
  readonly leaseMs?: number;
}

export interface Queue {
  /** Resolves when the store has accepted the task. */
  enqueue(payload: string): Promise<void>;
  /** One bulk call. */
  enqueueMany(payloads: readonly string[]): Promise<void>;
  /** Tasks of the highest priority that are due in an hour; absent where the system knows no delays. */
  enqueueDelayed?(payloads: readonly string[]): Promise<void>;
  /** Starts to work; `handler` is called once per task. */
  work(handler: (payload: string) => void): Promise<void>;
  /** Tasks that are neither finished nor delayed. */
  left(): Promise<number>;
  close(): Promise<void>;
}
