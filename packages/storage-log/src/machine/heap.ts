/** A binary heap; the item that `before` puts first is at the top. */
export class Heap<T> {
  #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const up = (at - 1) >>> 1;
      const above = items[up] as T;
      if (!this.#before(item, above)) break;
      items[at] = above;
      at = up;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0) this.#sink(last as T);
    return top;
  }

  /** Keeps what `keep` accepts. */
  filter(keep: (item: T) => boolean): void {
    // What is sorted is a heap.
    this.#items = this.#items.filter(keep).sort((a, b) => (this.#before(a, b) ? -1 : 1));
  }

  /** All items that `inside` accepts; it must not accept an item and refuse one above it. */
  *within(inside: (item: T) => boolean): Generator<T, void, undefined> {
    const pending = [0];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const item = this.#items[at];
      if (item === undefined || !inside(item)) continue;
      yield item;
      pending.push(2 * at + 1, 2 * at + 2);
    }
  }

  /** On each way down, the first item that `wanted` accepts: the best of all that it accepts is among them. */
  *nearest(wanted: (item: T) => boolean): Generator<T, void, undefined> {
    const pending = [0];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const item = this.#items[at];
      if (item === undefined) continue;
      if (wanted(item)) yield item;
      else pending.push(2 * at + 1, 2 * at + 2);
    }
  }

  #sink(item: T): void {
    const items = this.#items;
    const half = items.length >>> 1;
    let at = 0;
    while (at < half) {
      let down = 2 * at + 1;
      if (down + 1 < items.length && this.#before(items[down + 1] as T, items[down] as T)) down += 1;
      const below = items[down] as T;
      if (!this.#before(below, item)) break;
      items[at] = below;
      at = down;
    }
    items[at] = item;
  }
}
