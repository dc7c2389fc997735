/** What a payload is to its task. */
export type PayloadKind = 'input' | 'result' | 'error' | 'progress' | 'chunk' | 'event' | 'schedule';

/** Where a payload belongs. Signatures and encryption cover all of it: moved to another task, the bytes are refused. */
export interface PayloadContext {
  readonly kind: PayloadKind;
  /** Of the task. */
  readonly name: string;
  readonly queue: string;
  /** Of the task. */
  readonly id: string;
}

/** The context as bytes, unambiguous whatever the names hold. */
export function contextBytes({ kind, name, queue, id }: PayloadContext): Buffer {
  return Buffer.from(JSON.stringify([kind, name, queue, id]));
}

/** What messages and details say of a payload; names and ids, never contents. */
export function subjectOf({ kind, name, queue, id }: PayloadContext): Record<'kind' | 'task' | 'queue' | 'id', string> {
  return { kind, task: name, queue, id };
}
