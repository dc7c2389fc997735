import type { PayloadLimits } from './limits.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** `[` and `{`, `]` and `}` differ from each other by this bit. */
const CURLY_BIT = 0x20;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Why JSON of this shape must not be parsed, or `undefined`: counts values and depth, leaves the grammar to the parser. */
export function scanJson(bytes: Uint8Array, limits: PayloadLimits): string | undefined {
  let nodes = 1;
  let depth = 0;
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position] as number;
    if (byte === QUOTE) position = endOfString(bytes, position);
    else if (byte === COMMA) nodes += 1;
    else if ((byte & ~CURLY_BIT) === OPEN) {
      nodes += 1;
      depth += 1;
      if (depth > limits.maxDepth) return `it nests deeper than ${limits.maxDepth}`;
    } else if ((byte & ~CURLY_BIT) === CLOSE) depth -= 1;
    if (nodes > limits.maxNodes) return `it has more than ${limits.maxNodes} values`;
  }
  return undefined;
}

/** Where the closing quote is; the end of the bytes if there is none. */
function endOfString(bytes: Uint8Array, start: number): number {
  let position = start + 1;
  while (position < bytes.length && bytes[position] !== QUOTE) position += bytes[position] === BACKSLASH ? 2 : 1;
  return position;
}
