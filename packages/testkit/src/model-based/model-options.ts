import type { OpenBackend } from '../storage/case.ts';
import type { Topic } from './topic.ts';

/** How the commands come: one by one, the same behind the core's layers with a failing network, or several at once. */
export type ModelMode = 'sequential' | 'layered' | 'concurrent';

export interface ModelOptions {
  /** What the backend is compared with, opened afresh for each sequence. */
  readonly reference: OpenBackend;
  /** Sequences of each mode. Default: `OMNIQ_MODEL_RUNS`, else 400. */
  readonly runs?: number;
  /** An integer, or `random`. Default: `OMNIQ_MODEL_SEED`, else 1, so that every run of a test suite is the same. */
  readonly seed?: number | 'random';
  /** Replays one sequence: what a failure printed. Default: `OMNIQ_MODEL_PATH`. */
  readonly path?: string;
  /** The most commands of a sequence. Default: `OMNIQ_MODEL_STEPS`, else 40. */
  readonly steps?: number;
  /** After so long no further sequence is begun, in ms. Default 5,000; none where `OMNIQ_MODEL_RUNS` or `OMNIQ_MODEL_PATH` is set. */
  readonly limitMs?: number;
  /** Default: all. */
  readonly modes?: readonly ModelMode[];
  /** What is left out of the commands. Default: nothing. */
  readonly without?: readonly Topic[];
  /** `false` ends at the first failure as it was found, unshrunk. Default `true`. */
  readonly shrink?: boolean;
}

export interface ModelSettings extends Required<Omit<ModelOptions, 'path' | 'seed' | 'modes'>> {
  readonly seed: number;
  readonly path: string | undefined;
}

export function settingsFrom(options: ModelOptions, env: NodeJS.ProcessEnv = process.env): ModelSettings {
  const { OMNIQ_MODEL_RUNS: runs, OMNIQ_MODEL_SEED: seed, OMNIQ_MODEL_PATH: path, OMNIQ_MODEL_STEPS: steps } = env;
  return {
    reference: options.reference,
    runs: options.runs ?? numberOf('OMNIQ_MODEL_RUNS', runs) ?? 400,
    seed: seedFrom(options.seed ?? (seed === 'random' ? seed : numberOf('OMNIQ_MODEL_SEED', seed)) ?? 1),
    path: options.path ?? path,
    steps: options.steps ?? numberOf('OMNIQ_MODEL_STEPS', steps) ?? 40,
    limitMs: options.limitMs ?? (runs === undefined && path === undefined ? 5_000 : Number.POSITIVE_INFINITY),
    without: options.without ?? [],
    shrink: options.shrink ?? true,
  };
}

function seedFrom(seed: number | 'random'): number {
  return seed === 'random' ? Math.trunc(Math.random() * 2 ** 31) : seed;
}

/** @throws RangeError */
function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${name} is not an integer.`);
}
