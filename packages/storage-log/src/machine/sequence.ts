/** What a sequence holds: its place, and whether it was taken out. */
export interface Placed {
  readonly seq: number;
  gone: boolean;
}

/** Items in the order of their `seq`: appended at the end, found by binary search, swept when half of them are gone. */
export class Sequence<T extends Placed> {
  #items: T[] = [];
  #gone = 0;

  get size(): number {
    return this.#items.length - this.#gone;
  }

  append(item: T): void {
    this.#items.push(item);
  }

  remove(item: T): void {
    if (item.gone) return;
    item.gone = true;
    this.#gone += 1;
    if (this.#gone > 32 && this.#gone * 2 > this.#items.length) {
      this.#items = this.#items.filter((each) => !each.gone);
      this.#gone = 0;
    }
  }

  /**
   * The first so many of a list are all of them by now, and stay there; some may be gone. Nothing is copied: items are
   * only ever added at the end, and a sweep makes a new list.
   */
  frozen(): { readonly items: readonly T[]; readonly length: number } {
    return { items: this.#items, length: this.#items.length };
  }

  *oldest(after: number | undefined): Generator<T, void, undefined> {
    const items = this.#items;
    for (let at = after === undefined ? 0 : this.#firstFrom(after + 1); at < items.length; at += 1) {
      const item = items[at] as T;
      if (!item.gone) yield item;
    }
  }

  *newest(before: number | undefined): Generator<T, void, undefined> {
    const items = this.#items;
    for (let at = (before === undefined ? items.length : this.#firstFrom(before)) - 1; at >= 0; at -= 1) {
      const item = items[at] as T;
      if (!item.gone) yield item;
    }
  }

  /** The index of the first item whose place is `seq` or later. */
  #firstFrom(seq: number): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#items[middle] as T).seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
