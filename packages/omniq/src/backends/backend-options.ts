import { OmniQError, parseDuration } from '@omniq/core';
import type { BackendOption, BackendPlugin } from '@omniq/core/storage';
import { nearestName } from '../config/nearest-name.ts';

/**
 * Checks options against what the backend says it takes; durations become milliseconds. Objects, such as a client that is
 * open already, are handed on as they are: only code can give them.
 * @throws OmniQError `INVALID_OPTION` naming the option, the backend and what it takes.
 */
export function checkOptions(
  plugin: BackendPlugin,
  given: Readonly<Record<string, unknown>>,
  bareNumber: 'ms' | 's',
): Readonly<Record<string, unknown>> {
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const option = Object.hasOwn(plugin.options, name) ? plugin.options[name] : undefined;
    if (option !== undefined) checked[name] = checkOption(plugin, name, option, value, bareNumber);
    else if (typeof value === 'object' || typeof value === 'function') checked[name] = value;
    else throw unknownOption(plugin, name);
  }
  return checked;
}

function checkOption(
  plugin: BackendPlugin,
  name: string,
  option: BackendOption,
  value: unknown,
  bareNumber: 'ms' | 's',
): unknown {
  const what = `${plugin.name}.${name}`;
  if (option.type === 'duration' && (typeof value === 'number' || typeof value === 'string')) {
    const bare = typeof value === 'number' || /^\s*\d+(?:\.\d+)?\s*$/u.test(value);
    return parseDuration(bare ? Number(value) * (bareNumber === 's' ? 1_000 : 1) : value, what);
  }
  if (option.type !== 'duration' && typeof value === option.type && !Number.isNaN(value)) return value;
  throw new OmniQError(
    'INVALID_OPTION',
    `${what} is of type ${value === null ? 'null' : typeof value}; expected a ${option.type}.`,
    {
      hint: option.about,
      option: name,
      backend: plugin.name,
    },
  );
}

function unknownOption(plugin: BackendPlugin, name: string): OmniQError {
  const known = Object.keys(plugin.options);
  const meant = nearestName(name, known);
  const question = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return new OmniQError('INVALID_OPTION', `The backend ${plugin.name} has no option ${name.slice(0, 64)}.${question}`, {
    hint: known.length === 0 ? 'It takes none.' : `It takes ${known.join(', ')}.`,
    option: name,
    backend: plugin.name,
  });
}
