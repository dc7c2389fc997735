import { sql as tasks } from './0001-tasks.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** In order, without gaps. A released one never changes: its checksum is stored and compared. */
export const migrations: readonly Migration[] = [{ number: 1, name: 'tasks', sql: tasks }];
