import { OmniQError } from './errors.ts';

type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w';
type Word = 'second' | 'seconds' | 'minute' | 'minutes' | 'hour' | 'hours' | 'day' | 'days' | 'week' | 'weeks';

/** A span of time: `'250ms'`, `'30s'`, `'5m'`, `'1h'`, `'2d'`, `'1w'`, `'30 days'`, or a number of milliseconds. */
export type Duration = number | `${number}${Unit}` | `${number} ${Unit | Word}`;

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['second', 1_000],
  ['m', 60_000],
  ['min', 60_000],
  ['minute', 60_000],
  ['h', 3_600_000],
  ['hour', 3_600_000],
  ['d', 86_400_000],
  ['day', 86_400_000],
  ['w', 604_800_000],
  ['week', 604_800_000],
]);

/** 100 years: an instant that far ahead is still a safe integer and a valid date. */
const MAX_MS = 100 * 365.25 * 86_400_000;

const HINT = "Give a number of milliseconds or a span such as '250ms', '30s', '5m', '1h', '2d' or '1w'.";

/**
 * Whole milliseconds of a span. `what` names the option in the error.
 * @throws OmniQError `INVALID_OPTION` if it is not a span from 0 to 100 years.
 */
export function parseDuration(value: number | string, what: string): number {
  const ms = typeof value === 'number' ? value : spanMs(value);
  if (ms !== undefined && ms >= 0 && ms <= MAX_MS) return Math.round(ms);
  const given = typeof value === 'string' ? `'${value.slice(0, 40)}'` : String(value);
  throw new OmniQError('INVALID_OPTION', `${what} is ${given}, which is not a duration.`, { hint: HINT, option: what });
}

/** Milliseconds of a span that carries its unit, or `undefined` if the text is none. */
function spanMs(text: string): number | undefined {
  const found = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*([a-z]{1,7})\s*$/iu.exec(text);
  const unit = found?.[2]?.toLowerCase();
  if (found === null || unit === undefined) return undefined;
  const factor = unitMs.get(unit) ?? (unit.length > 3 ? unitMs.get(unit.replace(/s$/u, '')) : undefined);
  return factor === undefined ? undefined : Number(found[1]) * factor;
}
