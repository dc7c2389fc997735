export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws on no values: a figure without a measurement must not be reported. */
export function summarize(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), min: Math.min(...values), max: Math.max(...values) };
}

/** The value below which this share of the values lies, interpolated between the two nearest. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('There are no values to summarize.');
  return below + (above - below) * (position - Math.floor(position));
}
