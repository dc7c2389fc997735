/** Positions and leases as file names: as many digits as the largest integer has, so that names sort as numbers do. */
const DIGITS = 16;
/** Entries lie in groups of a thousand: the digits of all their positions but for the last three. */
const GROUP_DIGITS = 13;

const numbered = /^\d{16}$/;
const grouped = /^(\d{13})(?:\.(\d{1,6}))?$/;

export function digitsOf(position: number): string {
  return String(position).padStart(DIGITS, '0');
}

/** The number that a name stands for; `null` for any other name. */
export function numberOf(name: string): number | null {
  return numbered.test(name) ? Number(name) : null;
}

/** The folder of an entry within `log/`. A log that was cut goes on in folders of its own. */
export function groupOf(position: number, generation: number): string {
  return withGeneration(digitsOf(position).slice(0, GROUP_DIGITS), generation);
}

export function withGeneration(name: string, generation: number): string {
  return generation === 0 ? name : `${name}.${generation}`;
}

export interface Group {
  readonly name: string;
  readonly generation: number;
  /** The lowest position that it may hold. */
  readonly first: number;
}

/** What the name of a folder in `log/` says; `null` for any other name. */
export function groupNamed(name: string): Group | null {
  const [, digits, generation = '0'] = grouped.exec(name) ?? [];
  if (digits === undefined) return null;
  return { name, generation: Number(generation), first: Number(digits) * 10 ** (DIGITS - GROUP_DIGITS) };
}
