/** What a measuring process can be told; each name gives what it takes and what it answers. */
export interface Commands {
  open: { take: { system: string; url: string; scope: string; create: boolean }; give: null };
  /** `callers` add `n` tasks one by one, each awaiting its own. */
  enqueue: { take: { n: number; callers: number; limitMs: number }; give: Effort };
  bulk: { take: { n: number; chunk: number; limitMs: number }; give: Effort };
  preload: { take: { n: number; delayed: boolean }; give: { supported: boolean } };
  /** Works here until `n` ran and none is left; the first `warm` of them are not measured. */
  drain: { take: { n: number; warm: number; limitMs: number }; give: Effort };
  /** Works until told to stop; `progress` tells how far it is. */
  work: { take: null; give: null };
  progress: { take: null; give: Progress };
  /** Counts what is left, and what it takes to hold it. */
  hold: { take: null; give: Holding };
  /** Resolves when the store says that none is left. */
  empty: { take: { limitMs: number }; give: { at: number } };
  /** Adds `n` tasks at so many a second, each carrying the moment of its enqueue. */
  arrive: { take: { n: number; perSecond: number }; give: null };
  close: { take: null; give: null };
}

export interface Effort {
  readonly done: number;
  readonly seconds: number;
  readonly cpuMicros: number;
  /** Resident memory at the end. */
  readonly rssMb: number;
}

export interface Progress {
  readonly ran: number;
  /** When the first and the last were started: epoch ms with fractions; 0 before. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly cpuMicros: number;
  readonly rssMb: number;
  /** Ms from enqueue to handler start, of tasks that carry their moment. */
  readonly delaysMs: readonly number[];
}

export interface Holding {
  readonly left: number;
  readonly at: number;
  /** Resident memory, and that in use by JavaScript and its buffers, after a collection. */
  readonly rssMb: number;
  readonly usedMb: number;
}

export type CommandName = keyof Commands;

export interface Request<Name extends CommandName = CommandName> {
  readonly id: number;
  readonly name: Name;
  readonly take: Commands[Name]['take'];
}

export type Reply =
  | { readonly id: number; readonly give: Commands[CommandName]['give'] }
  | { readonly id: number; readonly error: string };

/** Epoch ms with fractions: the same for all processes of a machine. */
export function exactNow(): number {
  return performance.timeOrigin + performance.now();
}
