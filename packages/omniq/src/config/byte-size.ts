const unitBytes: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1_000],
  ['kb', 1_000],
  ['kib', 1_024],
  ['m', 1_000_000],
  ['mb', 1_000_000],
  ['mib', 1_048_576],
  ['g', 1_000_000_000],
  ['gb', 1_000_000_000],
  ['gib', 1_073_741_824],
]);

/** Bytes of `1000`, `'100 MB'` or `'1 MiB'`; `undefined` if it is not a size. */
export function parseByteSize(value: number | string): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  const found = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]{0,3})\s*$/iu.exec(value);
  const factor = unitBytes.get(found?.[2]?.toLowerCase() ?? '-');
  if (found === null || factor === undefined) return undefined;
  const bytes = Math.round(Number(found[1]) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest exact form: `1 MiB`, `100 MB`, `1500 B`. */
export function formatByteSize(bytes: number): string {
  for (const unit of ['GiB', 'GB', 'MiB', 'MB', 'KiB', 'kB']) {
    const factor = unitBytes.get(unit.toLowerCase());
    if (factor !== undefined && bytes >= factor && bytes % factor === 0) return `${bytes / factor} ${unit}`;
  }
  return `${bytes} B`;
}
