import type { SharedLog } from '@omniq/core/storage';
import { LogStage } from './log-stage.ts';

/** What `open` gives: one opening of a log, and a way to more of them. */
export type OpenedLog = SharedLog & {
  /** One more opening of the same log, as by another process; also after all others were closed. */
  readonly again: () => Promise<SharedLog>;
};

/** Opens a fresh, empty log each time. */
export type OpenLog = () => Promise<OpenedLog>;

/** One sentence of the contract of shared logs, as something that can be run. */
export interface LogCase {
  /** One word or two: what a report groups by. */
  readonly feature: string;
  readonly title: string;
  /** Rejects where the log breaks the sentence. `absent`: the log does not promise it. */
  run(open: OpenLog): Promise<'proved' | 'absent'>;
}

/** A case on a fresh log. */
export function logCase(feature: string, title: string, body: (stage: LogStage) => Promise<'absent' | void>): LogCase {
  return {
    feature,
    title,
    async run(open) {
      return (await body(new LogStage(await open()))) ?? 'proved';
    },
  };
}
