import { exactNow } from './commands.ts';

const bytes = 100;
const plain = 'x'.repeat(bytes);

/** A payload of 100 bytes that says nothing. */
export function plainPayload(): string {
  return plain;
}

/** A payload of 100 bytes that carries this moment. */
export function stampedPayload(): string {
  return `@${exactNow()}`.padEnd(bytes, ' ');
}

/** The moment that a payload carries, or `undefined`. */
export function stampOf(payload: string): number | undefined {
  return payload.startsWith('@') ? Number(payload.slice(1)) : undefined;
}
