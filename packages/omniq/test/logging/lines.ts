import { stripVTControlCharacters } from 'node:util';
import type { LineSink } from '../../src/logging/create-logger.ts';

/** Keeps what is written. */
export class Lines implements LineSink {
  text = '';

  write(line: string): void {
    this.text += stripVTControlCharacters(line);
  }

  /** The JSON lines so far. */
  get json(): readonly Record<string, unknown>[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  get messages(): readonly unknown[] {
    return this.json.map(({ message }) => message);
  }
}
