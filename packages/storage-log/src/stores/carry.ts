import { Piece, type Bytes } from '../machine/piece.ts';
import type { Port } from './port.ts';

/** The same objects with arrays in place of pieces. */
type Carried<T> = { [K in keyof T]: Piece extends T[K] ? Exclude<T[K], Piece> : T[K] };

/** Puts the bytes themselves into these fields of the items; what is an array already stays as it is. */
export async function carry<T extends object>(
  port: Port,
  items: readonly T[],
  fields: readonly (keyof T)[],
): Promise<Carried<T>[]> {
  if (!items.some((item) => fields.some((field) => item[field] instanceof Piece)))
    return items as unknown as Carried<T>[];
  const bytes = await port.open(items.flatMap((item) => fields.map((field) => item[field] as Bytes | null)));
  return items.map((item) => {
    const whole = { ...item } as Record<PropertyKey, unknown>;
    for (const field of fields) {
      const value = item[field];
      if (value instanceof Piece) whole[field] = bytes(value);
    }
    return whole as Carried<T>;
  });
}
