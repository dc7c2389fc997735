import { OmniQError } from '../errors.ts';
import { subjectOf, type PayloadContext } from './context.ts';
import type { PayloadLimits } from './limits.ts';

/** Something in a value that is not carried, or not without a key. */
export interface Finding {
  readonly path: readonly (string | number)[];
  /** With its article. */
  readonly what: string;
  /** An instruction that ends a sentence. */
  readonly remedy: string;
}

export function unsupported(context: PayloadContext, { path, what, remedy }: Finding, cause?: unknown): OmniQError {
  const shown = pathOf(context.kind, path);
  return new OmniQError(
    'PAYLOAD_UNSUPPORTED',
    `${shown} is ${what}, which the ${context.kind} of ${context.name} cannot carry.`,
    {
      hint: `Instead, ${remedy}.`,
      ...subjectOf(context),
      path: shown,
      what,
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** What a structured clone would carry, if there were a key to sign it with. */
export function needsKey(context: PayloadContext, { path, what, remedy }: Finding): OmniQError {
  const shown = pathOf(context.kind, path);
  return new OmniQError(
    'PAYLOAD_UNSUPPORTED',
    `${shown} is ${what}, which the ${context.kind} of ${context.name} carries only signed.`,
    {
      hint: `Either ${remedy}, or give the codec signing \`keys\`, here and in every worker.`,
      ...subjectOf(context),
      path: shown,
      what,
    },
  );
}

const remedies = {
  bytes: [
    'maxBytes',
    'bytes',
    'Keep the data elsewhere and send a reference, add offload() to the transforms, or raise `maxBytes`.',
  ],
  nodes: ['maxNodes', 'values', 'Send fewer or as a typed array, or raise `maxNodes`.'],
  depth: ['maxDepth', 'levels', 'Flatten it, or raise `maxDepth`.'],
} as const;

export function tooLarge(
  context: PayloadContext,
  limits: PayloadLimits,
  by: keyof typeof remedies,
  size: number,
): OmniQError {
  const [option, unit, hint] = remedies[by];
  const least = by === 'bytes' ? '' : 'at least ';
  return new OmniQError(
    'PAYLOAD_TOO_LARGE',
    `The ${context.kind} of ${context.name} has ${least}${size} ${unit}; the limit is ${limits[option]}.`,
    { hint, ...subjectOf(context), size, limit: limits[option] },
  );
}

const IDENTIFIER = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;
const MAX_STEPS = 24;

/** As one would write it in code: `input.a.b[3]["x y"]`; the middle of a long one is left out. */
function pathOf(root: string, path: readonly (string | number)[]): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    return IDENTIFIER.test(step) && step.length <= 64 ? `.${step}` : `[${JSON.stringify(step.slice(0, 64))}]`;
  });
  if (steps.length <= MAX_STEPS) return root + steps.join('');
  return `${root}${steps.slice(0, MAX_STEPS / 2).join('')} … ${steps.slice(-MAX_STEPS / 2).join('')}`;
}
