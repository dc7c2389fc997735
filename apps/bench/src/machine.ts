import { availableParallelism, cpus, freemem, loadavg, release, totalmem, type } from 'node:os';

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly freeMemoryGb: number;
  readonly os: string;
  readonly node: string;
  /** Load of the minute before the run: above a tenth of the cores, others were at work. */
  readonly loadBefore: number;
  /** ISO 8601, when the run began. */
  readonly at: string;
}

const gb = 2 ** 30;

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / gb),
    freeMemoryGb: Math.round(freemem() / gb),
    os: `${type()} ${release()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    at: new Date().toISOString(),
  };
}
