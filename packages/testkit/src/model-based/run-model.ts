import fc from 'fast-check';
import type { Arbitrary, Parameters } from 'fast-check';
import { inspect } from 'node:util';
import type { OpenBackend } from '../storage/case.ts';
import { Arena } from './arena.ts';
import { compareConcurrent } from './compare-concurrent.ts';
import { compareSequence } from './compare-sequence.ts';
import { settingsFrom, type ModelMode, type ModelOptions, type ModelSettings } from './model-options.ts';
import { reduced } from './reduce.ts';
import { concurrent, faulty, sequential } from './scripts.ts';
import { Difference } from './trace.ts';

/** What was compared. */
export interface ModelReport {
  readonly name: string;
  readonly mode: ModelMode;
  readonly seed: number;
  /** Sequences that both sides played to the end alike. */
  readonly sequences: number;
  /** Commands that both sides answered; those of shrinking are not counted. */
  readonly commands: number;
  /** The smallest sequence that was found to differ, with how to see it again; absent if none does. */
  readonly failure?: string;
}

/** Compares a backend with the reference by generated sequences of one mode. Never rejects for what the backend does. */
export async function runModel(
  name: string,
  open: OpenBackend,
  mode: ModelMode,
  options: ModelOptions,
): Promise<ModelReport> {
  const settings = settingsFrom(options);
  const arena = await Arena.build(name, open, settings);
  const verdict = await check(arena, mode, settings);
  const { sequences, commands } = arena.tally;
  const report = { name, mode, seed: settings.seed, sequences, commands };
  return verdict === undefined ? report : { ...report, failure: failureOf(verdict, mode, settings.seed) };
}

function check(arena: Arena, mode: ModelMode, settings: ModelSettings): Promise<Verdict | undefined> {
  const { steps } = settings;
  switch (mode) {
    case 'sequential':
      return judge(arena, sequential(arena, steps), (script) => compareSequence(arena, script, false), settings);
    case 'layered':
      return judge(arena, faulty(arena, steps), (script) => compareSequence(arena, script, true), settings);
    case 'concurrent':
      return judge(arena, concurrent(arena, steps), (script) => compareConcurrent(arena, script), settings);
  }
}

interface Verdict {
  readonly error: unknown;
  /** How to see it again. */
  readonly path: string;
  readonly found: string;
}

/** Returns the smallest failure that was found, if any. */
async function judge<T>(
  arena: Arena,
  scripts: Arbitrary<T[]>,
  compare: (script: T[]) => Promise<void>,
  { runs, seed, path, limitMs, shrink }: ModelSettings,
): Promise<Verdict | undefined> {
  const parameters: Parameters<[T[]]> = {
    numRuns: runs,
    seed,
    endOnFailure: !shrink,
    ...(path === undefined ? {} : { path }),
    ...(limitMs === Number.POSITIVE_INFINITY ? {} : { interruptAfterTimeLimit: limitMs }),
  };
  let error: unknown;
  const fails = async (script: T[]): Promise<boolean> => {
    try {
      await compare(script);
      return false;
    } catch (thrown) {
      arena.fail();
      error = thrown;
      return true;
    }
  };
  const property = fc.asyncProperty(scripts, async (script) => !(await fails(script)));
  const { failed, counterexample, counterexamplePath, numRuns, numShrinks } = await fc.check(property, parameters);
  if (!failed || counterexample === null) return undefined;
  await fails(shrink ? await reduced(counterexample[0], fails) : counterexample[0]);
  // The sequence alone: it is shrunk again in the same way.
  const [start = ''] = (counterexamplePath ?? '').split(':');
  return { error, path: start, found: `sequence ${numRuns}, shrunk ${numShrinks} times` };
}

function failureOf({ error, path, found }: Verdict, mode: ModelMode, seed: number): string {
  const told = error instanceof Difference ? error.message : inspect(error);
  const replay = `OMNIQ_MODEL_SEED=${seed} OMNIQ_MODEL_PATH=${path}`;
  return `${told}\n\nFound by ${mode} ${found}. To see it again: ${replay}`;
}
