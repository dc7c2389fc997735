import { OmniQError } from '@omniq/core';
import { maskSecrets } from './mask-secrets.ts';
import { formatOrigin, type Origin } from './resolved-config.ts';

/** What messages call a place: `omniq.yaml:7 \`worker.lease\``, `OMNIQ_LEASE`, `\`worker.lease\``. */
export function placeOf(origin: Origin, key: string): string {
  if (origin.source === 'env') return origin.name;
  return origin.source === 'file' ? `${formatOrigin(origin)} \`${key}\`` : `\`${key}\``;
}

const MAX_TOLD = 25;

/** Gathers what is wrong, so that all of it is told at once. */
export class Problems {
  readonly #found = new Set<string>();

  /** `complaint` goes on from the place: "is unknown". */
  add(origin: Origin, key: string, complaint: string): void {
    this.#found.add(maskSecrets(`${placeOf(origin, key)} ${complaint}`));
  }

  /** A complete sentence about a whole source. */
  addSentence(sentence: string): void {
    this.#found.add(maskSecrets(sentence));
  }

  /** @throws OmniQError `INVALID_CONFIG` with every problem found, if there is one. */
  throwIfAny(): void {
    const found = [...this.#found];
    if (found.length === 0) return;
    const rest = found.length > MAX_TOLD ? [`... and ${found.length - MAX_TOLD} more`] : [];
    const told = [...found.slice(0, MAX_TOLD), ...rest];
    const message =
      found.length === 1
        ? `The configuration has a problem: ${found[0]}`
        : `The configuration has ${found.length} problems:\n${told.map((line) => `  ${line}`).join('\n')}`;
    throw new OmniQError('INVALID_CONFIG', message, { problems: found });
  }
}

/** A wrong value as messages show it: short, on one line. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${flat(value)}'`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a section';
  return typeof value === 'function' ? 'a function' : flat(String(value));
}

// Control characters, line separators and marks that turn text around: they would garble a terminal.
// oxlint-disable-next-line no-control-regex
const unshowable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Bidi_Control}/gu;

/** Short, on one line, safe in a terminal. */
export function flat(text: string): string {
  const clean = maskSecrets(text.slice(0, 4_096)).replaceAll(unshowable, '?');
  return clean.length > 80 ? `${clean.slice(0, 80)}…` : clean;
}
