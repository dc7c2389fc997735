/** A rule taken out of the code on purpose, and the tests that have to notice. */
export interface Mutant {
  /** What is wrong then. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The test files that are run, from the root of the repository; `#` and the part of a title runs no more of a file. */
  readonly tests: readonly string[];
}

type Row = readonly [name: string, find: string, replace: string, ...tests: string[]];

/** The mutants of one file. */
export function mutantsOf(file: string, rows: readonly Row[]): readonly Mutant[] {
  return rows.map(([name, find, replace, ...tests]) => ({ name, file, find, replace, tests }));
}
