import type { OpenBackend } from '../storage/case.ts';
import { defaultRunner, type TestRunner } from '../storage/conformance.ts';
import type { ModelMode, ModelOptions } from './model-options.ts';
import { runModel, type ModelReport } from './run-model.ts';

const titles: Readonly<Record<ModelMode, string>> = {
  sequential: 'commands one by one are answered as by the reference',
  layered: 'behind layers that try again what a failing network lost, they are answered as by the reference',
  concurrent: 'commands of several clients at once are answered as in some order one after the other',
};

/**
 * Declares the model-based suite for one backend: generated sequences of commands, played on it and on a reference, must
 * be answered alike and leave the same to be seen. A failure is the shortest sequence that shows it.
 *
 * @example
 * modelBased('mine', () => plugin.open(freshUrl(), {}), { describe, test }, { reference: () => memory.open('memory:', {}) });
 *
 * @param open gives a fresh, empty backend each time; with `again` several clients share it in the concurrent mode
 * @param runner its `wrap` is not used: layers are one of the modes
 */
export function modelBased(
  name: string,
  open: OpenBackend,
  { describe, test }: TestRunner = defaultRunner(),
  options: ModelOptions,
): void {
  describe(`${name} beside the reference`, () => {
    for (const mode of options.modes ?? (Object.keys(titles) as ModelMode[])) {
      test(titles[mode], async () => {
        const report = await runModel(name, open, mode, options);
        if (report.failure !== undefined) throw new Error(report.failure);
        if (report.sequences === 0) throw new Error('No sequence was played to its end in time: raise limitMs.');
        console.log(printReport(report));
      });
    }
  });
}

/** One line. */
export function printReport({ name, mode, seed, sequences, commands }: ModelReport): string {
  return `${name}, ${mode}: ${sequences} sequences, ${commands} commands compared, seed ${seed}`;
}
