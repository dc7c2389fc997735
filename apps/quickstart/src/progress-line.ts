import { createLogUpdate } from 'log-update';
import { meter } from './meter.ts';
import { number, size } from './render.ts';
import type { Progress } from './report.ts';

const WIDTH = 24;
const LINE_EVERY_MS = 1_000;

export interface ProgressLine {
  show(progress: Progress): void;
  clear(): void;
}

/** A bar that redraws itself in a terminal; elsewhere a line each second. */
export function progressLine(stream: NodeJS.WriteStream): ProgressLine {
  const startedAt = performance.now();
  const text = (progress: Progress): string => render(progress, (performance.now() - startedAt) / 1_000);
  if (stream.isTTY) {
    // A hidden cursor would stay hidden after kill -9.
    const update = createLogUpdate(stream, { showCursor: true });
    return { show: (progress) => update(text(progress)), clear: () => update.clear() };
  }
  let nextAt = startedAt + LINE_EVERY_MS;
  return {
    show(progress) {
      if (performance.now() < nextAt) return;
      nextAt += LINE_EVERY_MS;
      stream.write(`${text(progress)}\n`);
    },
    clear() {},
  };
}

function render({ completed, total }: Progress, seconds: number): string {
  // Only the scan is there.
  if (total < 2) return `scanning … ${seconds.toFixed(1)} s`;
  const share = completed / total;
  const filled = Math.round(share * WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
  const pace = `${number(Math.round(meter.files / seconds))} files/s, ${size(Math.round(meter.bytes / seconds))}/s`;
  return `${bar} ${Math.floor(share * 100)} %  ${number(completed)} of ${number(total)} tasks  ${pace}  ${seconds.toFixed(1)} s`;
}
