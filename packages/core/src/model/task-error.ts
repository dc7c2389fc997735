/** An error as stored with a task: plain data, bounded, whatever was thrown. */
export interface TaskError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly cause?: TaskError;
}

const MAX_TEXT = 4_096;
const MAX_STACK = 8_192;
const MAX_CAUSES = 4;

/** Describes anything that can be thrown: non-errors, getters that throw, cycles, huge texts. Never throws itself. */
export function describeError(thrown: unknown, depth = 0): TaskError {
  if (typeof thrown !== 'object' || thrown === null) return { name: 'Error', message: cut(say(thrown), MAX_TEXT) };
  const name = read(thrown, 'name');
  const message = read(thrown, 'message');
  const stack = read(thrown, 'stack');
  const code = read(thrown, 'code');
  const cause = depth < MAX_CAUSES ? readRaw(thrown, 'cause') : undefined;
  return {
    name: cut(name ?? 'Error', 256),
    message: cut(message ?? say(thrown), MAX_TEXT),
    ...(stack === undefined ? {} : { stack: cut(stack, MAX_STACK) }),
    ...(code === undefined ? {} : { code: cut(code, 256) }),
    ...(cause === undefined || cause === null ? {} : { cause: describeError(cause, depth + 1) }),
  };
}

/** The stored form as an `Error` again, for a caller that waits for the result. */
export function reviveError(error: TaskError): Error {
  const revived = new Error(error.message, error.cause === undefined ? undefined : { cause: reviveError(error.cause) });
  revived.name = error.name;
  if (error.stack !== undefined) revived.stack = error.stack;
  return error.code === undefined ? revived : Object.assign(revived, { code: error.code });
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeError(error: TaskError): Uint8Array {
  return encoder.encode(JSON.stringify(error));
}

export function decodeError(bytes: Uint8Array): TaskError {
  try {
    const parsed: unknown = JSON.parse(decoder.decode(bytes));
    if (typeof parsed === 'object' && parsed !== null) return describeError(parsed);
  } catch {
    // A malformed row must not hide the task it belongs to.
  }
  return { name: 'Error', message: 'The stored error cannot be read.' };
}

function readRaw(from: object, key: string): unknown {
  try {
    return (from as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function read(from: object, key: string): string | undefined {
  const value = readRaw(from, key);
  return typeof value === 'string' ? value : undefined;
}

function say(value: unknown): string {
  try {
    if (typeof value === 'object') return JSON.stringify(value) ?? 'an object';
    return typeof value === 'function' ? `function ${value.name}` : String(value as string);
  } catch {
    return 'a value that cannot be shown';
  }
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)} … (${text.length - max} characters more)`;
}
