import type { ChangeOutcome, InsertOutcome } from '@omniq/core/storage';

const inserts: Readonly<Record<string, InsertOutcome>> = {
  i: { status: 'inserted', settled: false },
  s: { status: 'inserted', settled: true },
  e: { status: 'exists' },
  l: { status: 'late' },
};

const changes: Readonly<Record<string, ChangeOutcome>> = {
  a: { status: 'applied' },
  d: { status: 'applied', dependents: true },
  s: { status: 'stale' },
  m: { status: 'missing' },
  c: { status: 'cancelled' },
};

/** Letters, then the holders of the keys that were taken, in their order. */
export function insertOutcomes([letters, ...holders]: readonly Buffer[]): InsertOutcome[] {
  let taken = 0;
  return Array.from(letters?.toString('latin1') ?? '', (letter) => {
    return inserts[letter] ?? { status: 'taken', holder: String(holders[taken++]) };
  });
}

export function changeOutcomes([letters, ...holders]: readonly Buffer[]): ChangeOutcome[] {
  let taken = 0;
  return Array.from(letters?.toString('latin1') ?? '', (letter) => {
    return changes[letter] ?? { status: 'taken', holder: String(holders[taken++]) };
  });
}
