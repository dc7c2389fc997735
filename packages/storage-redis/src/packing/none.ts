/** Stands for a time that is not set: later than any instant that there is. As `NONE` in the functions. */
export const NONE = 9e15;

export function orNone(value: number | null): number {
  return value ?? NONE;
}

export function orNull(value: number): number | null {
  return value === NONE ? null : value;
}
