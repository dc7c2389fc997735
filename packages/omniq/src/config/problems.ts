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
  /** By sentence: the source it is about, and the line there. */
  readonly #found = new Map<string, { readonly source: string; readonly line: number }>();

  /** Whether there are more than anybody is told: from here on it is not worth looking for what was meant. */
  get isLong(): boolean {
    return this.#found.size > 4 * MAX_TOLD;
  }

  /** `complaint` goes on from the place: "is unknown". */
  add(origin: Origin, key: string, complaint: string): void {
    const place =
      origin.source === 'file' ? { source: origin.path, line: origin.line } : { source: origin.source, line: 0 };
    this.#found.set(maskSecrets(`${placeOf(origin, key)} ${complaint}`), place);
  }

  /** A complete sentence about a whole source. */
  addSentence(sentence: string): void {
    this.#found.set(maskSecrets(sentence), { source: '', line: 0 });
  }

  /** @throws OmniQError `INVALID_CONFIG` with every problem found, if there is one. */
  throwIfAny(): void {
    const found = this.#sorted();
    if (found.length === 0) return;
    const rest = found.length > MAX_TOLD ? [`... and ${found.length - MAX_TOLD} more`] : [];
    const told = [...found.slice(0, MAX_TOLD), ...rest];
    const message =
      found.length === 1
        ? `The configuration has a problem: ${found[0]}`
        : `The configuration has ${found.length} problems:\n${told.map((line) => `  ${line}`).join('\n')}`;
    throw new OmniQError('INVALID_CONFIG', message, { problems: found });
  }

  /** Source by source as they were read, and within a file from the top. */
  #sorted(): readonly string[] {
    const sources = [...new Set([...this.#found.values()].map(({ source }) => source))];
    const rank = new Map(sources.map((source, index) => [source, index]));
    const entries = [...this.#found].toSorted(
      ([, one], [, other]) => (rank.get(one.source) ?? 0) - (rank.get(other.source) ?? 0) || one.line - other.line,
    );
    return entries.map(([sentence]) => sentence);
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
