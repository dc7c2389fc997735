/** A call that was under way from one tick to another. */
export interface Span {
  readonly began: number;
  readonly ended: number;
}

/** All orders in which calls can have happened one after the other: who ended before another began comes before it. */
export function* ordersOf(spans: readonly Span[], taken: readonly number[] = []): Generator<readonly number[]> {
  if (taken.length === spans.length) {
    yield taken;
    return;
  }
  for (const [index, { began }] of spans.entries()) {
    if (taken.includes(index)) continue;
    const isNext = spans.every((other, each) => each === index || taken.includes(each) || other.ended > began);
    if (isNext) yield* ordersOf(spans, [...taken, index]);
  }
}
