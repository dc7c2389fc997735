/** A list in pieces of at most `size`. */
export function* slices<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  if (list.length > 0 && list.length <= size) yield list;
  else for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size);
}
