const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** An instant for people, in UTC: `2026-01-31 12:30:59Z`; `-` for none. */
export function formatTime(at: number | null): string {
  if (at === null) return '-';
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString().replace('T', ' ').replace(/\.\d+/u, '');
}

/** A span for people: `12 ms`, `3.4 s`, `5m 12s`, `2h 03m`. */
export function formatSpan(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m ${pad(Math.floor((ms % MINUTE) / SECOND))}s`;
  return `${Math.floor(ms / HOUR)}h ${pad(Math.floor((ms % HOUR) / MINUTE))}m`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
