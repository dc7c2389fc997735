import { OmniQError, type StoredState } from '@omniq/core/storage';

const codes: Readonly<Record<StoredState, string>> = {
  blocked: 'b',
  waiting: 'w',
  running: 'r',
  completed: 'c',
  failed: 'f',
  cancelled: 'x',
  expired: 'e',
};
const states = new Map(Object.entries(codes).map(([state, code]) => [code, state as StoredState]));

export function codeOf(state: StoredState): string {
  return codes[state];
}

export function isTerminal(code: string): boolean {
  return code !== 'b' && code !== 'w' && code !== 'r';
}

/** @throws OmniQError `STORE_CORRUPT` for a letter that is no state */
export function stateOf(code: string): StoredState {
  const state = states.get(code);
  if (state !== undefined) return state;
  throw new OmniQError('STORE_CORRUPT', `A task has the state ${JSON.stringify(code)}, which does not exist.`, {
    hint: 'Has another program changed its tables?',
  });
}
