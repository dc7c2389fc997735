import { types } from 'node:util';

/** What an object is, told by what it is made of and never by names that it carries; holds across realms. */
export type ObjectKind =
  | 'object'
  | 'array'
  | 'date'
  | 'map'
  | 'set'
  | 'view'
  | 'buffer'
  | 'regexp'
  | 'error'
  /** Of a class, or of a kind that is not data. */
  | 'other';

/** May throw what a proxy throws. */
export function kindOf(value: object): ObjectKind {
  if (Array.isArray(value)) return isDirect(value, 2) ? 'array' : 'other';
  if (types.isDate(value)) return isDirect(value, 2) || isStandIn(value) ? 'date' : 'other';
  if (types.isMap(value)) return isDirect(value, 2) ? 'map' : 'other';
  if (types.isSet(value)) return isDirect(value, 2) ? 'set' : 'other';
  if (types.isTypedArray(value)) return isDirect(value, Buffer.isBuffer(value) ? 4 : 3) ? 'view' : 'other';
  if (types.isDataView(value)) return isDirect(value, 2) ? 'view' : 'other';
  if (types.isArrayBuffer(value)) return isDirect(value, 2) ? 'buffer' : 'other';
  if (types.isRegExp(value)) return isDirect(value, 2) ? 'regexp' : 'other';
  if (types.isNativeError(value)) return errorPrototypes.has(Object.getPrototypeOf(value)) ? 'error' : 'other';
  return isPlain(value) ? 'object' : 'other';
}

/** Whether its prototypes are only those that the kind has, so that it is of no class of the user's. */
function isDirect(value: object, prototypes: number): boolean {
  let count = 0;
  for (let at: unknown = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    count += 1;
    if (count > prototypes) return false;
  }
  return count === prototypes;
}

/** Of a class that adds nothing, as the dates of fake timers are: the data is all there is. */
function isStandIn(value: object): boolean {
  if (!isDirect(value, 3)) return false;
  const own = Reflect.ownKeys(Object.getPrototypeOf(value) as object);
  return own.length === 1 && own[0] === 'constructor';
}

/** No prototype, or that of objects alone; which has been replaced by nothing that hides a class. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return !isBoxedOrExotic(value);
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf');
}

/** Things without data of their own whose prototype somebody took away. */
function isBoxedOrExotic(value: object): boolean {
  return (
    types.isBoxedPrimitive(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isSharedArrayBuffer(value) ||
    types.isExternal(value) ||
    types.isGeneratorObject(value) ||
    types.isArgumentsObject(value) ||
    types.isModuleNamespaceObject(value)
  );
}

const errorPrototypes: ReadonlySet<unknown> = new Set(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(
    ({ prototype }) => prototype as unknown,
  ),
);
