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

/** Rows under a heading, aligned; cells are cleaned and cut to `most` characters. An empty heading is left out. */
export function tableText(heading: readonly string[], rows: readonly (readonly string[])[], most = 200): string {
  const table = new Table({
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  const head = heading.map((title) => styleText('bold', title, { stream: process.stdout }));
  table.push(
    ...(head.length === 0 ? [] : [head]),
    ...rows.map((row) => row.map((cell) => shorten(cleanText(cell), most))),
  );
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
