import { OmniQError, isOmniQError } from '../errors.ts';
import { subjectOf, type PayloadContext } from './context.ts';
import { refused } from './refused.ts';

/**
 * A step between the encoded value and the bytes that are stored: compression, encryption, a claim check. Its name is
 * written into the payload, so decoding applies what encoding did, whatever the options say by then.
 */
export interface Transform {
  /** 1 to 32 lower-case letters, digits, dots and dashes; stored, so never rename it. */
  readonly name: string;
  /** Payloads that did not go through it are refused, so that nobody can put others in their place. Default `false`. */
  readonly required?: boolean;
  /** Lets values larger than the codec's `maxBytes` in, because it stores little of them. */
  readonly maxBytes?: number;
  /** `null` leaves the bytes as they are, and the step unmentioned. */
  encode(bytes: Uint8Array, context: PayloadContext): Uint8Array | null | Promise<Uint8Array | null>;
  /** Deletes what the step keeps of a task elsewhere, once the task itself is forgotten. */
  forget?(task: Pick<PayloadContext, 'name' | 'queue' | 'id'>): Promise<unknown>;
  /** The bytes that were given to `encode`, at most `maxBytes` of them. Input is hostile; throw `PAYLOAD_REFUSED`. */
  decode(bytes: Uint8Array, context: PayloadContext, maxBytes: number): Uint8Array | Promise<Uint8Array>;
}

const NAME = /^[a-z][a-z0-9.-]{0,31}$/;
const MAX_STEPS = 8;

/** The most that naming the steps adds to a payload. */
export const MAX_HEADER: number = 2 + MAX_STEPS * 33;

/** The steps of a codec, applied in the order given and undone in reverse. */
export class TransformChain {
  readonly #steps: readonly Transform[];
  readonly #byName: ReadonlyMap<string, Transform>;
  readonly #required: readonly Transform[];
  readonly #tag: number;

  /** @throws OmniQError `INVALID_OPTION` */
  constructor(steps: readonly Transform[], tag: number) {
    this.#steps = steps;
    this.#byName = new Map(steps.map((step) => [step.name, step]));
    this.#required = steps.filter(({ required }) => required === true);
    this.#tag = tag;
    for (const { name } of steps) if (!NAME.test(name)) throw invalid(`The transform name "${name}" is not valid.`);
    if (this.#byName.size < steps.length) throw invalid('Two transforms have the same name.');
    if (steps.length > MAX_STEPS)
      throw invalid(`There are ${steps.length} transforms; at most ${MAX_STEPS} are carried.`);
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** The steps that keep something elsewhere. */
  get keepers(): readonly Transform[] {
    return this.#steps.filter((step) => step.forget !== undefined);
  }

  /** Stays synchronous as long as every step does. */
  apply(bytes: Uint8Array, context: PayloadContext): Uint8Array | Promise<Uint8Array> {
    return this.#applyFrom(0, bytes, [], context);
  }

  #applyFrom(
    from: number,
    bytes: Uint8Array,
    applied: string[],
    context: PayloadContext,
  ): Uint8Array | Promise<Uint8Array> {
    let current = bytes;
    for (let index = from; index < this.#steps.length; index++) {
      const step = this.#steps[index] as Transform;
      const made = guarded(() => step.encode(current, context), cannotApply(step, context));
      if (made instanceof Promise) {
        const before = current;
        return made.then((out) => {
          if (out !== null) applied.push(step.name);
          return this.#applyFrom(index + 1, out ?? before, applied, context);
        });
      }
      if (made !== null) applied.push(step.name);
      current = made ?? current;
    }
    return applied.length === 0 ? current : this.#withHeader(applied, current);
  }

  #withHeader(applied: readonly string[], body: Uint8Array): Uint8Array {
    const header = Buffer.from(applied.map((name) => String.fromCharCode(name.length) + name).join(''), 'latin1');
    const bytes = new Uint8Array(2 + header.length + body.length);
    bytes[0] = this.#tag;
    bytes[1] = applied.length;
    bytes.set(header, 2);
    bytes.set(body, 2 + header.length);
    return bytes;
  }

  /** What the steps named in `bytes` were given. @throws OmniQError `PAYLOAD_REFUSED` */
  undo(bytes: Uint8Array, context: PayloadContext, maxBytes: number): Uint8Array | Promise<Uint8Array> {
    const { names, body } = bytes[0] === this.#tag ? readHeader(bytes, context) : { names: [], body: bytes };
    for (const { name } of this.#required) {
      if (!names.includes(name)) throw refused(context, `it did not go through ${name}, which is required`, name);
    }
    const steps = names.map((name) => {
      const step = this.#byName.get(name);
      if (step !== undefined) return step;
      throw refused(
        context,
        `it needs the transform "${name}", which is not configured`,
        name,
        'Add it to `transforms`.',
      );
    });
    return undoFrom(steps.length - 1, steps, body, context, maxBytes);
  }
}

function undoFrom(
  last: number,
  steps: readonly Transform[],
  bytes: Uint8Array,
  context: PayloadContext,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  let current = bytes;
  for (let index = last; index >= 0; index--) {
    const step = steps[index] as Transform;
    const made = guarded(() => step.decode(current, context, maxBytes), cannotUndo(step, context));
    if (made instanceof Promise) {
      return made.then((out) => undoFrom(index - 1, steps, bounded(out, step, context, maxBytes), context, maxBytes));
    }
    current = bounded(made, step, context, maxBytes);
  }
  return current;
}

function bounded(bytes: Uint8Array, { name }: Transform, context: PayloadContext, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes;
  throw refused(context, `undoing ${name} gave ${bytes.length} bytes, over the limit of ${maxBytes}`, name);
}

function readHeader(bytes: Uint8Array, context: PayloadContext): { names: string[]; body: Uint8Array } {
  const count = bytes[1] ?? 0;
  if (count === 0 || count > MAX_STEPS) throw refused(context, 'its list of transforms is damaged');
  const names: string[] = [];
  let position = 2;
  for (let index = 0; index < count; index++) {
    const end = position + 1 + (bytes[position] ?? 0);
    const name = String.fromCharCode(...bytes.subarray(position + 1, Math.min(end, position + 33)));
    if (end > bytes.length || !NAME.test(name) || names.includes(name)) {
      throw refused(context, 'its list of transforms is damaged');
    }
    names.push(name);
    position = end;
  }
  return { names, body: bytes.subarray(position) };
}

/** Runs a step; what it throws, now or later, arrives as an error of ours. */
function guarded<T>(run: () => T | Promise<T>, wrap: (cause: unknown) => OmniQError): T | Promise<T> {
  const raise = (error: unknown): never => {
    throw isOmniQError(error) ? error : wrap(error);
  };
  try {
    const made = run();
    return made instanceof Promise ? made.catch(raise) : made;
  } catch (error) {
    return raise(error);
  }
}

function cannotApply({ name }: Transform, context: PayloadContext): (cause: unknown) => OmniQError {
  return (cause) =>
    new OmniQError(
      'PAYLOAD_UNSUPPORTED',
      `The ${context.kind} of ${context.name} did not go through the transform "${name}".`,
      {
        ...subjectOf(context),
        transform: name,
        cause,
      },
    );
}

function cannotUndo({ name }: Transform, context: PayloadContext): (cause: unknown) => OmniQError {
  return (cause) => refused(context, `the transform "${name}" could not undo it`, name, undefined, cause);
}

function invalid(message: string): OmniQError {
  return new OmniQError('INVALID_OPTION', message, {
    hint: 'Names are 1 to 32 lower-case letters, digits, dots and dashes, and start with a letter.',
  });
}
