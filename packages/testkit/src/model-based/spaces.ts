import type { StoredState } from '@omniq/core/storage';

/** All the names there are. */
export const ids: readonly string[] = ['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8'];
export const queues: readonly [string, ...string[]] = ['a', 'b'];
export const names: readonly string[] = ['work', 'play'];
export const keys: readonly [string, ...string[]] = ['k', 'l'];
/** All but the last are open when a sequence begins. */
export const sessions: readonly string[] = ['s1', 's2', 's3'];
export const lanes: readonly [number, ...number[]] = [0, 1];
export const scheduleIds: readonly string[] = ['c1', 'c2', 'c3'];
export const recordKeys: readonly string[] = ['r/1', 'r/2', 'x'];

export const liveStates: readonly StoredState[] = ['blocked', 'waiting', 'running'];
export const endedStates: readonly StoredState[] = ['completed', 'failed', 'cancelled', 'expired'];
export const states: readonly StoredState[] = [...liveStates, ...endedStates];
