import type { Command } from '../../src/machine/command.ts';
import { Piece } from '../../src/machine/piece.ts';

/** What may stand where something else should. */
const wrong: readonly unknown[] = [
  undefined,
  null,
  'x',
  '__proto__',
  '\ud800',
  'x'.repeat(5_000),
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  -0,
  0.5,
  2 ** 53,
  1e300,
  true,
  10n,
  Symbol('s'),
  {},
  { verb: 'claim' },
  JSON.parse('{"__proto__":{"lease":1},"lease":1}'),
  { limit: 1, periodMs: 1, more: new Map([[1, 2]]) },
  [],
  [null],
  Object.assign([], { length: 3 }),
  new Uint8Array(2),
  new Piece(null as never, 0, 3),
  new Piece(new Uint8Array(2), 1, 9),
  new Piece('pack', 3, 1),
  new Piece('pack', Number.NaN, 1),
  new Piece('p\udc00', 0, 1),
  () => 1,
];

/** The command with one of its values, somewhere, replaced by something else. */
export function spoiled(command: Command, random: () => number): Command {
  const spoil = (value: unknown): unknown => {
    const isLeaf = typeof value !== 'object' || value === null || value instanceof Uint8Array;
    if (isLeaf || random() < 0.15) return wrong[Math.floor(random() * wrong.length)];
    const keys = Object.keys(value);
    const key = keys[Math.floor(random() * keys.length)];
    if (key === undefined) return null;
    if (Array.isArray(value))
      return value.map((each, index) => (String(index) === key ? spoil(each) : (each as unknown)));
    return { ...value, [key]: spoil((value as Record<string, unknown>)[key]) };
  };
  return spoil(command) as Command;
}
