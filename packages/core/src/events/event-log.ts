import type { Ambient } from '../clock.ts';
import { eventLevels, levels, type EventLevel, type EventType, type TaskEvent } from '../model/event.ts';
import type { EventStore, StoredEvent } from '../storage/event-store.ts';
import type { Logger } from '../telemetry/logger.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const FLUSH_MS = 100;
const BATCH = 500;
/** With the event store down, the newest so many are kept; those lost are counted. */
const MAX_BUFFERED = 10_000;

export type EventListener = (event: TaskEvent) => unknown;

export type EventInput = Omit<TaskEvent, 'level'>;

/**
 * Hands events to listeners of this process and, from a level on, in batches to the event store. Nothing here can harm a
 * run: listeners that throw are logged, and a store that is down costs events, which are counted, never tasks.
 */
export class EventLog {
  readonly #store: EventStore | null;
  readonly #ambient: Ambient;
  readonly #logger: Logger;
  readonly #listeners = new Map<EventListener, number>();
  #storeFrom: number;
  #listenFrom: number = levels.DISABLED;
  #buffer: StoredEvent[] = [];
  #flushing: Promise<void> | null = null;
  #cancelFlush: (() => void) | null = null;
  #lost = 0;

  constructor(store: EventStore | null, ambient: Ambient, logger: Logger, level: EventLevel) {
    this.#store = store;
    this.#ambient = ambient;
    this.#logger = logger;
    this.#storeFrom = levels[level];
  }

  /** Events that could not be stored so far. */
  get lost(): number {
    return this.#lost;
  }

  /** From which level on events are stored; listeners choose their own. */
  set level(level: EventLevel) {
    this.#storeFrom = levels[level];
  }

  /** Calls `listener` for every event of at least this level, until the returned function is called. */
  listen(listener: EventListener, level: EventLevel = 'DEBUG'): () => void {
    this.#listeners.set(listener, levels[level]);
    this.#listenFrom = Math.min(...this.#listeners.values());
    return () => {
      this.#listeners.delete(listener);
      this.#listenFrom = Math.min(levels.DISABLED, ...this.#listeners.values());
    };
  }

  /** Whether anybody wants events of this type; ask before building one. */
  wants(type: EventType): boolean {
    const level = eventLevels[type];
    return level >= this.#listenFrom || (this.#store !== null && level >= this.#storeFrom);
  }

  emit(input: EventInput): void {
    const level = eventLevels[input.type];
    const event: TaskEvent = { ...input, level: nameOf(level) };
    for (const [listener, from] of this.#listeners) if (level >= from) this.#tell(listener, event);
    if (this.#store === null || level < this.#storeFrom) return;
    this.#buffer.push({ ...input, level, data: encodeData(input.data) });
    if (this.#buffer.length > MAX_BUFFERED) {
      this.#lost += this.#buffer.length - MAX_BUFFERED;
      this.#buffer.splice(0, this.#buffer.length - MAX_BUFFERED);
    }
    this.#schedule();
  }

  /** Resolves once everything emitted so far is stored or given up. */
  async flush(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    this.#flushing ??= this.#send().finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  #tell(listener: EventListener, event: TaskEvent): void {
    const harmless = (error: unknown): void =>
      this.#logger.error({ err: error, event: event.type }, 'an event listener failed');
    try {
      const answer = listener(event);
      if (answer instanceof Promise) answer.catch(harmless);
    } catch (error) {
      harmless(error);
    }
  }

  #schedule(): void {
    if (this.#cancelFlush !== null || this.#flushing !== null) return;
    const flush = (): void => {
      this.#cancelFlush = null;
      void this.flush();
    };
    this.#cancelFlush = this.#ambient.timers.after(this.#buffer.length >= BATCH ? 0 : FLUSH_MS, flush, 'background');
  }

  async #send(): Promise<void> {
    while (this.#buffer.length > 0) {
      const batch = this.#buffer.slice(0, BATCH);
      try {
        await this.#store?.append(batch);
      } catch (error) {
        this.#logger.warn({ err: error, events: this.#buffer.length }, 'the event store is down; tasks go on');
        this.#cancelFlush = this.#ambient.timers.after(1_000, () => void this.flush(), 'background');
        return;
      }
      // New events may have pushed old ones out meanwhile, so what was sent is found again by identity.
      const sent = new Set(batch);
      this.#buffer = this.#buffer.filter((event) => !sent.has(event));
    }
  }
}

/** An event as read back from a store. */
export function readEvent(stored: StoredEvent): TaskEvent {
  return { ...stored, type: stored.type as EventType, level: nameOf(stored.level), data: decodeData(stored.data) };
}

function nameOf(level: number): TaskEvent['level'] {
  if (level >= levels.ERROR) return 'ERROR';
  if (level >= levels.WARNING) return 'WARNING';
  return level >= levels.INFO ? 'INFO' : 'DEBUG';
}

function encodeData(data: TaskEvent['data']): Uint8Array | null {
  return Object.keys(data).length === 0 ? null : encoder.encode(JSON.stringify(data));
}

function decodeData(bytes: Uint8Array | null): TaskEvent['data'] {
  if (bytes === null) return {};
  try {
    const parsed: unknown = JSON.parse(decoder.decode(bytes));
    return typeof parsed === 'object' && parsed !== null ? (parsed as TaskEvent['data']) : {};
  } catch {
    return {};
  }
}
