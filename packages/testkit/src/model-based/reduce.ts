/**
 * Leaves out of a script whatever it still fails without, and then out of the lists within its items: a generated value
 * shrinks by itself, but gets stuck where two things have to go together, or one from the middle.
 */
export async function reduced<T>(script: readonly T[], fails: (script: T[]) => Promise<boolean>): Promise<T[]> {
  let smallest = [...script];
  for (let size = Math.ceil(smallest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = smallest.length - size; from >= 0 && smallest.length > 1; from -= size) {
      const smaller = smallest.toSpliced(from, size);
      if (smaller.length > 0 && (await fails(smaller))) smallest = smaller;
    }
  }
  for (const index of smallest.keys()) {
    for (let again = true; again;) {
      again = false;
      for (const smaller of within(smallest[index])) {
        const changed = smallest.with(index, smaller as T);
        if (!(await fails(changed))) continue;
        smallest = changed;
        again = true;
        break;
      }
    }
  }
  return smallest;
}

/** Every way to leave one item out of a list in here; at least one of each stays. */
function* within(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value) && value.length > 1) for (const index of value.keys()) yield value.toSpliced(index, 1);
  for (const [field, each] of Object.entries(value))
    for (const changed of within(each))
      yield Array.isArray(value) ? value.with(Number(field), changed) : { ...value, [field]: changed };
}
