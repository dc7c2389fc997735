import { once } from 'node:events';
import { cleanLines } from './text/clean-text.ts';
import { jsonText } from './text/json-text.ts';

/** Rows of a list and how people see them. */
export interface Listing<T> {
  readonly heading: readonly string[];
  readonly row: (item: T) => readonly string[];
}

/** Where a command's answers go: data to stdout, notes to stderr, so that data can be piped. */
export class Output {
  /** JSON for programs instead of text for people: one object, or for lists one a line. */
  readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** One answer. */
  async item(value: unknown, text: () => string | Promise<string>): Promise<void> {
    await print(this.json ? jsonText(value) : await text());
  }

  /** A list: a table for people, with `none` in its place on stderr if it is empty. */
  async list<T>(items: readonly T[], { heading, row }: Listing<T>, none?: string): Promise<void> {
    if (this.json) {
      for (const item of items) await print(jsonText(item));
      return;
    }
    if (items.length === 0) return none === undefined ? undefined : this.note(none);
    const { tableText } = await import('./text/table.ts');
    await print(tableText(heading, items.map(row)));
  }

  /** A line for people beside the data. */
  note(text: string): void {
    process.stderr.write(`${cleanLines(text)}\n`);
  }
}

/** A full pipe is waited for: a list of a million lines must not pile up in memory. */
async function print(text: string): Promise<void> {
  if (process.stdout.write(`${text}\n`) || process.stdout.destroyed) return;
  await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]);
}
