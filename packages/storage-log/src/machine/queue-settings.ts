import type { QueueSettings, RateLimit } from '@omniq/core/storage';
import { isBoolean, isNumber } from './value-checks.ts';

export const unset: QueueSettings = { paused: false, concurrency: null, rate: null, perKey: null };

/** Whether these are settings, or some of them. */
export function isSettings(value: unknown): value is Partial<QueueSettings> {
  if (typeof value !== 'object' || value === null) return false;
  const { paused, concurrency, rate, perKey } = value as Readonly<Record<string, unknown>>;
  if (paused !== undefined && !isBoolean(paused)) return false;
  if (!isLimit(concurrency) || !isRate(rate)) return false;
  if (perKey === undefined || perKey === null) return true;
  if (typeof perKey !== 'object') return false;
  const each = perKey as Readonly<Record<string, unknown>>;
  return isLimit(each.concurrency) && isRate(each.rate);
}

/** The settings with some of them changed, and nothing else that the object may have had. */
export function changed(before: QueueSettings, settings: Partial<QueueSettings>): QueueSettings {
  const { paused = before.paused, concurrency = before.concurrency, rate = before.rate } = settings;
  const { perKey = before.perKey } = settings;
  return {
    paused,
    concurrency,
    rate: rateOf(rate),
    perKey: perKey === null ? null : { concurrency: perKey.concurrency ?? null, rate: rateOf(perKey.rate) },
  };
}

function isLimit(value: unknown): boolean {
  return value === undefined || value === null || isNumber(value);
}

function isRate(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return false;
  const { limit, periodMs } = value as Readonly<Record<string, unknown>>;
  return isNumber(limit) && isNumber(periodMs);
}

function rateOf(rate: RateLimit | null | undefined): RateLimit | null {
  return rate === null || rate === undefined ? null : { limit: rate.limit, periodMs: rate.periodMs };
}
