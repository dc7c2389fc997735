/** A parameter that is an array: sent in the server's binary format, where neither side has to write or read digits. */
export class Column {
  readonly #type: ColumnType;
  readonly values: readonly unknown[];

  private constructor(type: ColumnType, values: readonly unknown[]) {
    this.#type = type;
    this.values = values;
  }

  /** Empty where there are only nulls, as `unnest` reads what is missing as null. */
  static of(type: ColumnType, values: readonly unknown[]): Column {
    return new Column(type, values.some((value) => value !== null) ? values : []);
  }

  /** One entry where all are alike: the statement takes the first for those that are missing. */
  static alike(type: ColumnType, values: readonly unknown[]): Column {
    const [first] = values;
    return new Column(type, values.every((value) => value === first) ? values.slice(0, 1) : values);
  }

  encode(): Buffer {
    const { oid, sizeOf, write } = codecs[this.#type];
    const { values } = this;
    let size = values.length === 0 ? 12 : 20;
    let nulls = 0;
    for (const value of values) {
      if (value === null) nulls = 1;
      size += 4 + (value === null ? 0 : sizeOf(value as never));
    }
    const buffer = Buffer.allocUnsafe(size);
    buffer.writeInt32BE(values.length === 0 ? 0 : 1, 0);
    buffer.writeInt32BE(nulls, 4);
    buffer.writeInt32BE(oid, 8);
    if (values.length === 0) return buffer;
    buffer.writeInt32BE(values.length, 12);
    buffer.writeInt32BE(1, 16);
    let at = 20;
    for (const value of values) {
      const length = value === null ? -1 : write(buffer, value as never, at + 4);
      at = buffer.writeInt32BE(length, at) + Math.max(0, length);
    }
    return buffer;
  }
}

export type ColumnType = 'text' | 'int2' | 'int4' | 'int8' | 'bool' | '"char"' | 'bytea';

interface Codec<T> {
  readonly oid: number;
  readonly sizeOf: (value: T) => number;
  /** Answers how many bytes it wrote. */
  readonly write: (buffer: Buffer, value: T, at: number) => number;
}

const text: Codec<string> = {
  oid: 25,
  sizeOf: (value) => Buffer.byteLength(value),
  write: (buffer, value, at) => buffer.write(value, at),
};

const codecs: { readonly [type in ColumnType]: Codec<never> } = {
  text,
  '"char"': { ...text, oid: 18 },
  bool: fixed<boolean>(16, 1, (buffer, value, at) => buffer.writeUInt8(value ? 1 : 0, at)),
  int2: fixed<number>(21, 2, (buffer, value, at) => buffer.writeInt16BE(value, at)),
  int4: fixed<number>(23, 4, (buffer, value, at) => buffer.writeInt32BE(value, at)),
  int8: fixed<number>(20, 8, (buffer, value, at) => {
    const high = Math.floor(value / 2 ** 32);
    return buffer.writeUInt32BE(value - high * 2 ** 32, buffer.writeInt32BE(high, at));
  }),
  bytea: {
    oid: 17,
    sizeOf: (value: Uint8Array) => value.length,
    write: (buffer: Buffer, value: Uint8Array, at: number) => {
      buffer.set(value, at);
      return value.length;
    },
  },
};

function fixed<T>(oid: number, size: number, write: (buffer: Buffer, value: T, at: number) => unknown): Codec<T> {
  return {
    oid,
    sizeOf: () => size,
    write: (buffer, value, at) => {
      write(buffer, value, at);
      return size;
    },
  };
}
