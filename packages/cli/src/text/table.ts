import { styleText } from 'node:util';
import Table from 'cli-table3';
import { cleanText, shorten } from './clean-text.ts';

/** No lines, two spaces between columns. */
const bare = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

const MAX_CELL = 200;

/** Rows under a heading, aligned; cells are cleaned and cut to 200 characters. */
export function tableText(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  const head = heading.map((title) => styleText('bold', title, { stream: process.stdout }));
  table.push(head, ...rows.map((row) => row.map((cell) => shorten(cleanText(cell), MAX_CELL))));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
