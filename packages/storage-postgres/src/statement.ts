import { createHash } from 'node:crypto';

/** A statement as it is sent, for one schema. The name is that of its plan. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Fills the schema into templates: `@.` before a table, `@channel` and `@key` in names that all schemas share. */
export class Statements {
  readonly #schema: string;
  readonly #made = new Map<string, Statement>();

  /** @param schema lower case letters, digits and underscores only */
  constructor(schema: string) {
    this.#schema = schema;
  }

  get channel(): string {
    return `omniq_${this.#schema}`;
  }

  get(template: string): Statement {
    const known = this.#made.get(template);
    if (known !== undefined) return known;
    const text = this.fill(template);
    const statement = { name: `omniq_${createHash('sha1').update(text).digest('hex').slice(0, 24)}`, text };
    this.#made.set(template, statement);
    return statement;
  }

  fill(template: string): string {
    return template
      .replaceAll('@.', `"${this.#schema}".`)
      .replaceAll('@channel', this.channel)
      .replaceAll('@key', `omniq ${this.#schema}`);
  }
}
