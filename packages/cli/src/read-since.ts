import { engine } from './open-queue.ts';
import { UsageError } from './usage-error.ts';

/** Epoch ms of `1h` ago or of an ISO 8601 instant. @throws UsageError if it is neither */
export async function readSince(text: string): Promise<number> {
  const at = /^\d{4}-\d\d/u.test(text)
    ? Date.parse(text)
    : Date.now() - (await engine()).parseDuration(text, '--since');
  if (Number.isFinite(at)) return at;
  throw new UsageError(`--since is ${text}, which is no time.`, 'Give a span such as 1h, or 2026-01-31T12:30:00Z.');
}
