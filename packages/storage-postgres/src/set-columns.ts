import type { Change, Mutable } from '@omniq/core/storage';
import { Column, type ColumnType } from './column.ts';
import { codeOf } from './state-code.ts';

interface SetColumn {
  readonly key: Exclude<keyof Mutable, 'state'>;
  readonly name: string;
  readonly type: ColumnType;
}

/** What a change can set besides the state, in the order of its bits. */
export const setColumns: readonly SetColumn[] = [
  { key: 'priority', name: 'priority', type: 'int2' },
  { key: 'runAt', name: 'run_at', type: 'int8' },
  { key: 'expiresAt', name: 'expires_at', type: 'int8' },
  { key: 'attempt', name: 'attempt', type: 'int4' },
  { key: 'crashes', name: 'crashes', type: 'int4' },
  { key: 'redrives', name: 'redrives', type: 'int4' },
  { key: 'cancelRequested', name: 'cancel', type: 'bool' },
  { key: 'startedAt', name: 'started_at', type: 'int8' },
  { key: 'finishedAt', name: 'finished_at', type: 'int8' },
  { key: 'deadlineAt', name: 'deadline_at', type: 'int8' },
  { key: 'reason', name: 'reason', type: 'text' },
  { key: 'error', name: 'error', type: 'bytea' },
  { key: 'progress', name: 'progress', type: 'bytea' },
];

/** The value of a column after a change `c` to a row `l`. */
export function changed(name: string): string {
  const bit = 1 << setColumns.findIndex((column) => column.name === name);
  return `case when c.mask & ${bit} <> 0 then c.${name} else l.${name} end`;
}

export function maskOf({ set }: Change): number {
  return setColumns.reduce((mask, { key }, n) => (set[key] === undefined ? mask : mask | (1 << n)), 0);
}

export function setValues(changes: readonly Change[]): Column[] {
  return setColumns.map(({ key, type }) =>
    Column.of(
      type,
      changes.map(({ set }) => set[key] ?? null),
    ),
  );
}

export function stateValues(changes: readonly Change[]): (string | null)[] {
  return changes.map(({ set }) => (set.state === undefined ? null : codeOf(set.state)));
}
