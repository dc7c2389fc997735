import { variables } from '../src/config/environment-layer.ts';
import { settings } from '../src/config/setting-table.ts';
import { showSetting } from '../src/config/show-config.ts';

export const BEGIN = '<!-- begin: made by packages/omniq/tools/generate-config.ts -->';
export const END = '<!-- end -->';

/** The tables of docs/configuration.md, from the table that checks the configuration. */
export function configReference(): string {
  return [
    '### Settings',
    '',
    ...settingRows(),
    '',
    '### Stores and sources from the environment',
    '',
    ...variableRows(),
  ].join('\n');
}

/** The text with what is between the marks made anew. */
export function withReference(document: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error('the marks for the reference are missing');
  return `${document.slice(0, begin)}${BEGIN}\n\n${configReference()}\n\n${document.slice(end)}`;
}

function settingRows(): readonly string[] {
  const rows = [...settings].map(([key, setting]) => {
    const value = setting.default === undefined ? (setting.implied ?? '') : showSetting(setting, setting.default);
    const env = (setting.env ?? []).map((name) => `\`${name}\``).join(', ');
    return row(`\`${key}\``, env || 'code only', setting.kind.expects, value, setting.about);
  });
  return [row('key', 'variable', 'takes', 'default', 'what it does'), row('---', '---', '---', '---', '---'), ...rows];
}

function variableRows(): readonly string[] {
  const rows = variables
    .filter(({ key }) => key === null || !settings.has(key))
    .map(({ name, key, about }) => row(`\`${name}\``, key === null ? '' : `\`${key}\``, about));
  return [row('variable', 'key', 'what it does'), row('---', '---', '---'), ...rows];
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
