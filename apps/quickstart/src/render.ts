import { stripVTControlCharacters } from 'node:util';
import Table, { type TableInstanceOptions } from 'cli-table3';
import type { Quantiles, Report } from './report.ts';

/** The report as tables. */
export function renderReport(report: Report): string {
  const { files, bytes, words, duplicates, redundantBytes, unreadable, digest } = report;
  const lines = [
    `${number(files)} files, ${size(bytes)}, ${number(words)} words below ${printable(report.folder)}`,
    `${number(duplicates)} files have a twin; one copy of each would save ${size(redundantBytes)}`,
    ...(unreadable === 0 ? [] : [`${number(unreadable)} could not be read: ${unreadableOf(report)}`]),
    '',
    renderLargest(report),
    ...(report.mostDuplicated.length === 0 ? [] : [renderDuplicates(report)]),
    renderPace(report),
    `digest ${digest}`,
  ];
  return `${lines.join('\n')}\n`;
}

function renderLargest({ largest }: Report): string {
  const table = new Table({
    head: ['largest files', 'bytes', 'words'],
    colAligns: ['left', 'right', 'right'],
    ...plain,
  });
  for (const file of largest) table.push([shortened(file.path), number(file.bytes), number(file.words)]);
  return table.toString();
}

function renderDuplicates({ mostDuplicated }: Report): string {
  const table = new Table({
    head: ['most duplicated', 'copies', 'bytes each'],
    colAligns: ['left', 'right', 'right'],
    ...plain,
  });
  for (const file of mostDuplicated) table.push([shortened(file.path), number(file.copies), number(file.bytes)]);
  return table.toString();
}

/** What the queue did for it. */
function renderPace({
  completed,
  tasks,
  seconds,
  throughput,
  latency,
  rescued,
  resumed,
  finishedBefore,
}: Report): string {
  if (finishedBefore) return `finished before with ${number(tasks)} tasks; --fresh begins anew`;
  const rest = resumed ? ` of ${number(tasks)}, the others before` : '';
  return [
    `${number(completed)} tasks${rest} in ${seconds.toFixed(1)} s: ` +
      `${number(throughput.tasks)} tasks/s, ${number(throughput.files)} files/s, ${number(throughput.megabytes)} MB/s`,
    ...(rescued === 0 ? [] : [`${number(rescued)} tasks that a killed process had taken were taken up again`]),
    `a batch waited ${span(latency.wait)} in the queue and ran ${span(latency.run)}`,
  ].join('\n');
}

/** No colours: they would end up in files and pipes. */
const plain: { style: TableInstanceOptions['style'] } = {
  style: { 'padding-left': 1, 'padding-right': 1, head: [], border: [], compact: true },
};

function unreadableOf({ unreadablePaths, unreadable }: Report): string {
  const shown = unreadablePaths.slice(0, 3).map(([path, code]) => `${shortened(path)} (${code})`);
  return shown.join(', ') + (unreadable > shown.length ? ', …' : '');
}

function span(quantiles: Quantiles | null): string {
  return quantiles === null ? '-' : `${number(quantiles.p50)} ms (p99 ${number(quantiles.p99)} ms)`;
}

export function number(value: number): string {
  return value.toLocaleString('en-US');
}

export function size(bytes: number): string {
  if (bytes < 1e6) return bytes < 1e3 ? `${bytes} B` : `${(bytes / 1e3).toFixed(1)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

const MOST = 72;

/** The end of a path tells the most. */
function shortened(path: string): string {
  const characters = Array.from(new Intl.Segmenter().segment(printable(path)), ({ segment }) => segment);
  return characters.length <= MOST ? characters.join('') : `…${characters.slice(1 - MOST).join('')}`;
}

/** File names may hold anything, also what a terminal would obey. */
export function printable(path: string): string {
  return stripVTControlCharacters(path).replaceAll(unshowable, '\uFFFD');
}

const unshowable = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
