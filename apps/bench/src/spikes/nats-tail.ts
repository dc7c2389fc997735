import { DeliverPolicy, type ConsumerMessages, type JetStreamClient, type JsMsg } from '@nats-io/jetstream';
import type { LogEntry } from '@omniq/core/storage';

const prefetch = 256;
/** Who waits for an entry that was purged meanwhile looks again after so long. */
const arrivalMs = 1000;

/** The entries of a stream from one position on, as an ordered consumer pushes them. */
export class NatsTail {
  /** Settles once the consumer is there, or could not be made. */
  readonly started: Promise<void>;
  readonly #wake: () => void;
  readonly #waiting = new Set<() => void>();
  /** In order, without gaps; entries before the first and beyond the floor were trimmed. */
  #entries: LogEntry[] = [];
  /** Entries up to here are not at hand. */
  #floor: number;
  #messages: ConsumerMessages | null = null;
  #isOver = false;

  constructor(js: JetStreamClient, stream: string, after: number, wake: () => void) {
    this.#floor = after;
    this.#wake = wake;
    this.started = this.#start(js, stream, after + 1);
    this.started.catch(() => this.stop()); // The reader is told; another tail follows.
  }

  /** Whether what follows this position is at hand, or will be. */
  covers(after: number): boolean {
    return !this.#isOver && after >= this.#floor;
  }

  /** What is at hand from after `after` on. Lets go of what came before: there is one reader, and it goes on. */
  next(after: number, limit: number): LogEntry[] {
    this.#entries.splice(0, this.#indexAfter(after));
    this.#floor = after;
    return this.#entries.slice(0, limit);
  }

  /** Resolves when there may be entries after this one. */
  async arrival(after: number): Promise<void> {
    if (this.#isOver || this.#indexAfter(after) < this.#entries.length) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve);
      timer = setTimeout(resolve, arrivalMs);
    });
    clearTimeout(timer);
  }

  stop(): void {
    this.#isOver = true;
    this.#messages?.stop();
    this.#ring();
  }

  async #start(js: JetStreamClient, stream: string, from: number): Promise<void> {
    const consumer = await js.consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
    });
    if (this.#isOver) return;
    this.#messages = await consumer.consume({ max_messages: prefetch, callback: (message) => this.#take(message) });
    void this.#messages.closed().then(() => this.stop());
    if (this.#isOver) this.#messages.stop();
  }

  #take({ seq, data, time }: JsMsg): void {
    const last = this.#entries.at(-1);
    if (this.#isOver || (last !== undefined && seq <= last.position)) return;
    // A gap: all before it was trimmed while it was on the way.
    if (last !== undefined && seq !== last.position + 1) this.#entries = [];
    // A view would hold on to all that came with it over the wire.
    this.#entries.push({ position: seq, bytes: data.slice(), time: time.getTime() });
    this.#ring();
    this.#wake();
  }

  #indexAfter(after: number): number {
    const first = this.#entries[0]?.position ?? 0;
    return Math.max(0, Math.min(this.#entries.length, after + 1 - first));
  }

  #ring(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
