/** What a check found. */
export interface Finding {
  /** What was looked at: `node`, `configuration`, `tasks: round trip` ... */
  readonly check: string;
  /** A warning does not make the whole fail. */
  readonly status: 'ok' | 'warning' | 'failed';
  /** One sentence, without secrets. */
  readonly detail: string;
  /** Of the error, where one was thrown. */
  readonly code?: string;
}

export function ok(check: string, detail: string): Finding {
  return { check, status: 'ok', detail };
}

export function warning(check: string, detail: string): Finding {
  return { check, status: 'warning', detail };
}
