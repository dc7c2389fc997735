// The task module of the tests.
import { defineTask } from '../../src/index.ts';

export const greet = defineTask({ name: 'sample.greet', run: (name: string) => `hello ${name}` });

export function shout(text: string): string {
  return text.toUpperCase();
}
