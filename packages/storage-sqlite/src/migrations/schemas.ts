import { initial as main1 } from './main-0001-initial.ts';
import type { Migration } from './migration.ts';
import { initial as sessions1 } from './sessions-0001-initial.ts';

export interface Schema {
  readonly part: 'main' | 'sessions';
  /** By version, without gaps, from 1. */
  readonly migrations: readonly Migration[];
}

export const mainSchema: Schema = { part: 'main', migrations: [main1] };
export const sessionsSchema: Schema = { part: 'sessions', migrations: [sessions1] };
