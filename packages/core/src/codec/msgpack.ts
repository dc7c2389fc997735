import { Packr, RESERVE_START_SPACE, RESET_BUFFER_MODE } from 'msgpackr/pack';

/**
 * No records: those make code and outlive the payload. No extensions, so nothing that others register with the library
 * shows in stored bytes. Binaries are copied out, so that a handler cannot write into what a store keeps.
 */
const packr = new Packr({
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  copyBuffers: true,
  moreTypes: false,
  structuredClone: false,
  bundleStrings: false,
  useToJSON: false,
  encodeUndefinedAsNil: false,
  int64AsType: 'bigint',
  // Reached by what was data at the first look only; the closer look then says where it is.
  writeFunction: () => {
    throw new TypeError('A function is not data.');
  },
});

/** `tag` and then the value, in memory of their own: a view of the shared buffer would pin all of it. */
export function pack(tag: number, value: unknown): Uint8Array {
  const shared = packr.pack(value, RESET_BUFFER_MODE | RESERVE_START_SPACE | 1);
  shared[0] = tag;
  return new Uint8Array(shared);
}

/** What follows the tag. Only after {@link scanMsgpack} found it sound. */
export function unpack(bytes: Uint8Array): unknown {
  // A fresh view, as the library hangs a property on what it is given, and binaries come back as the kind of this one.
  return packr.unpack(new Uint8Array(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1));
}
