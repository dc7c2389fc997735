import { OmniQError, type StoredState } from '@omniq/core/storage';

const states: readonly StoredState[] = ['blocked', 'waiting', 'running', 'completed', 'failed', 'cancelled', 'expired'];
const codes = new Map<string, number>(states.map((state, code) => [state, code]));

export function codeOf(state: StoredState): number {
  return codes.get(state) as number;
}

/** @throws OmniQError `STORE_CORRUPT` for a number that is no state */
export function stateOf(code: number): StoredState {
  const state = states[code];
  if (state !== undefined) return state;
  throw new OmniQError('STORE_CORRUPT', `A task has the state ${code}, which does not exist.`, {
    hint: 'Has another program written to its keys?',
    backend: 'redis',
  });
}
