import { OmniQError } from '../errors.ts';
import { kindOf, type ObjectKind } from './kind-of.ts';
import type { PayloadLimits } from './limits.ts';
import { BYTE_ORDER_MARK, isInt64 } from './survey.ts';
import { unsupported, tooLarge, type Finding } from './findings.ts';
import type { PayloadContext } from './context.ts';

/**
 * What stands for a value that MessagePack has no type for: an object whose one key is empty, holding what it is and
 * what it is made of. An object that looks like one is itself written so.
 */
export const TAG = '';

/** A tree for MessagePack, or what in the value only a structured clone can carry. */
export type Tagging = { readonly tree: unknown; readonly onlyClone?: undefined } | { readonly onlyClone: Finding };

/**
 * Copies a value into plain data with tags, and finds what cannot be carried at all.
 * @throws OmniQError `PAYLOAD_UNSUPPORTED` or `PAYLOAD_TOO_LARGE`, with the path
 */
export function tag(value: unknown, context: PayloadContext, limits: PayloadLimits): Tagging {
  const walk = new Walk(context, limits);
  const tree = walk.copy(value);
  return walk.onlyClone === undefined ? { tree } : { onlyClone: walk.onlyClone };
}

class Walk {
  onlyClone: Finding | undefined;
  readonly #context: PayloadContext;
  readonly #limits: PayloadLimits;
  readonly #path: (string | number)[] = [];
  readonly #around = new Set<object>();
  #nodes = 0;
  #bytes = 0;

  constructor(context: PayloadContext, limits: PayloadLimits) {
    this.#context = context;
    this.#limits = limits;
  }

  copy(value: unknown): unknown {
    this.#nodes += 1;
    if (this.#nodes > this.#limits.maxNodes) throw tooLarge(this.#context, this.#limits, 'nodes', this.#nodes);
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return Object.is(value, -0) ? tagOf('-0') : value;
      case 'bigint':
        return isInt64(value) ? value : this.#clone('a BigInt beyond 64 bits', 'send it as a string');
      case 'object':
        return value === null ? null : this.#enter(value);
      case 'function':
        throw this.#refuse(
          `a function${value.name === '' ? '' : ` (${value.name})`}`,
          'send data, and name the code by a task',
        );
      case 'symbol':
        throw this.#refuse('a symbol', 'send its description');
      default:
        return value;
    }
  }

  #text(value: string): unknown {
    this.#count(value.length);
    if (!value.isWellFormed()) return this.#clone('a text with half of a surrogate pair', 'send value.toWellFormed()');
    return value.charCodeAt(0) === BYTE_ORDER_MARK ? tagOf('text', new Uint8Array(Buffer.from(value))) : value;
  }

  #enter(value: object): unknown {
    if (this.#around.has(value)) return this.#clone('a cycle', 'send ids in place of references back');
    if (this.#around.size >= this.#limits.maxDepth)
      throw tooLarge(this.#context, this.#limits, 'depth', this.#around.size + 1);
    this.#around.add(value);
    const copy = this.#read(value);
    this.#around.delete(value);
    return copy;
  }

  /** Whatever a getter or a proxy throws while it is read is told as the value's fault, at its path. */
  #read(value: object): unknown {
    try {
      return this.#copyObject(value, kindOf(value));
    } catch (error) {
      if (error instanceof OmniQError) throw error;
      const name = error instanceof Error ? error.name : typeof error;
      throw this.#refuse(`something that throws when it is read (${name})`, 'send a plain copy of it', error);
    }
  }

  #copyObject(value: object, kind: ObjectKind): unknown {
    switch (kind) {
      case 'object':
        return this.#object(value as Record<string, unknown>);
      case 'array':
        return this.#array(value as readonly unknown[]);
      case 'date':
        return this.#bare(value, tagOf('date', (value as Date).getTime()));
      case 'map':
        return this.#bare(value, tagOf('map', this.#entries(value as Map<unknown, unknown>)));
      case 'set':
        return this.#bare(value, tagOf('set', this.#members(value as Set<unknown>)));
      case 'view':
        return this.#view(value as ArrayBufferView);
      case 'buffer':
        return tagOf('buffer', this.#binary(new Uint8Array(value as ArrayBuffer)));
      case 'regexp':
        return this.#regexp(value as RegExp);
      case 'error':
        return this.#error(value as Error);
      default:
        throw this.#refuse(nameOf(value), 'send a plain object with what it holds');
    }
  }

  #object(value: Record<string, unknown>): unknown {
    this.#checkSymbols(value);
    const keys = Object.keys(value);
    const copy: Record<string, unknown> = {};
    const asEntries =
      keys.some((key) => key.charCodeAt(0) === BYTE_ORDER_MARK) || (keys.length === 1 && keys[0] === TAG);
    const entries: unknown[] = [];
    for (const key of keys) {
      if (key === '__proto__') throw this.#refuse('an object with an own key __proto__', 'use another key, or a Map');
      const keyCopy = this.#text(key);
      const item = this.#at(key, value[key]);
      if (asEntries) entries.push(keyCopy, item);
      else copy[key] = item;
    }
    return asEntries ? tagOf('object', entries) : copy;
  }

  #array(value: readonly unknown[]): unknown {
    this.#checkSymbols(value);
    const { length } = value;
    if (length > this.#limits.maxNodes) throw tooLarge(this.#context, this.#limits, 'nodes', length);
    const copy: unknown[] = [];
    for (let index = 0; index < length; index++) {
      if (index in value) copy.push(this.#at(index, value[index]));
      else this.#clone('a sparse array', 'fill its holes with null');
    }
    if (Object.keys(value).length > copy.length) this.#clone('an array with keys of its own', 'send an object');
    return copy;
  }

  #entries(value: Map<unknown, unknown>): unknown[] {
    const copy: unknown[] = [];
    for (const [key, item] of Map.prototype.entries.call(value))
      copy.push(this.#at(copy.length / 2, key), this.#at(copy.length / 2, item));
    return copy;
  }

  #members(value: Set<unknown>): unknown[] {
    const copy: unknown[] = [];
    for (const item of Set.prototype.values.call(value)) copy.push(this.#at(copy.length, item));
    return copy;
  }

  #view(value: ArrayBufferView): unknown {
    const bytes = this.#binary(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    const name = (value as ArrayBufferView & { readonly [Symbol.toStringTag]: string })[Symbol.toStringTag];
    return name === 'Uint8Array' ? bytes : tagOf('view', name, bytes);
  }

  #binary(bytes: Uint8Array): Uint8Array {
    this.#count(bytes.length);
    return bytes;
  }

  #regexp(value: RegExp): unknown {
    if (value.lastIndex !== 0) throw this.#refuse('a RegExp with a lastIndex', 'send its source and flags');
    return this.#bare(value, this.#clone('a RegExp', 'send its source and flags'));
  }

  #error(value: Error): unknown {
    if (Object.hasOwn(value, 'cause')) this.#at('cause', value.cause);
    return this.#bare(value, this.#clone('an Error', 'send its name and message'));
  }

  /** Kinds whose own properties no format carries. */
  #bare<T>(value: object, copy: T): T {
    this.#checkSymbols(value);
    if (Object.keys(value).length === 0) return copy;
    throw this.#refuse(`${nameOf(value)} with keys of its own`, 'send a plain object with what it holds');
  }

  #checkSymbols(value: object): void {
    const symbols = Object.getOwnPropertySymbols(value);
    if (symbols.length === 0 || !symbols.some((symbol) => Object.prototype.propertyIsEnumerable.call(value, symbol)))
      return;
    throw this.#refuse('an object with a symbol for a key', 'use a string for the key');
  }

  #at(key: string | number, value: unknown): unknown {
    this.#path.push(key);
    const copy = this.copy(value);
    this.#path.pop();
    return copy;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.maxBytes) throw tooLarge(this.#context, this.#limits, 'bytes', this.#bytes);
  }

  /** Notes the first thing that only a structured clone carries, and goes on to look for what nothing carries. */
  #clone(what: string, remedy: string): null {
    this.onlyClone ??= { path: [...this.#path], what, remedy };
    return null;
  }

  #refuse(what: string, remedy: string, cause?: unknown): OmniQError {
    return unsupported(this.#context, { path: this.#path, what, remedy }, cause);
  }
}

function tagOf(...parts: readonly unknown[]): Record<string, unknown> {
  return { [TAG]: parts };
}

/** What to call an object of a class in a message; a proxy may lie or throw, and then it has no name. */
function nameOf(value: object): string {
  const made: unknown = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(value) ?? {}, 'constructor')?.value;
  const name = typeof made === 'function' ? made.name.slice(0, 64) : '';
  return name === '' || name === 'Object' ? 'an object that is not plain' : `an instance of ${name}`;
}
