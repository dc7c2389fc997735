import { layered, type Change, type NewTask, type TaskStore } from '@omniq/core/storage';
import { bytes } from '../storage/rows.ts';
import { perform } from './perform.ts';
import type { Ability } from './step.ts';
import { rowOf } from './written.ts';

const HOUR = 3_600_000;

/**
 * Asks for what a store says it cannot do, as the core would. Returns what it should not have said, or `undefined`; that
 * nothing came of it shows in the next look.
 */
export async function ask(of: Ability, id: string, tasks: TaskStore, now: number): Promise<string | undefined> {
  if (of === 'clock') return askAhead(id, tasks);
  if (of === 'watch') return tasks.watch === undefined ? undefined : 'It has `watch`, but not the capability.';
  const answer = await perform(() => request(of, id, tasks, now));
  const { code } = answer as { readonly code?: unknown };
  return code === 'UNSUPPORTED' ? undefined : `It was asked for ${of} and answered ${String(code ?? answer)}.`;
}

/** A store with a clock refuses a caller that is an hour ahead; one without has none to be asked for. */
async function askAhead(id: string, tasks: TaskStore): Promise<string | undefined> {
  if (!tasks.capabilities.clock) return tasks.time === undefined ? undefined : 'It has `time`, but no clock.';
  const ahead = ((await tasks.time?.()) ?? 0) + HOUR;
  const answer = await perform(() => tasks.insert([rowOf({ id }, ahead)], ahead));
  const { code } = answer as { readonly code?: unknown };
  return code === 'CLOCK_SKEW' ? undefined : `A caller an hour ahead was answered ${String(code ?? answer)}.`;
}

function request(of: Ability, id: string, store: TaskStore, now: number): Promise<unknown> {
  const tasks = layered(store, {
    backend: 'tested',
    ambient: { clock: { monotonic: () => 0 }, timers: { after: () => () => {} }, random: () => 0 },
    retry: { attempts: 1 },
  });
  const row = rowOf({ id }, now);
  const change: Change = { id, guard: { states: ['waiting', 'running'] }, set: { priority: 9 } };
  switch (of) {
    case 'results':
      return tasks.update([{ ...change, result: bytes(1) }], now);
    case 'then':
      return tasks.update([carrying(change, row)], now);
    case 'uniqueKeys':
      return tasks.insert([{ ...row, unique: { key: 'k', until: null } }], now);
    case 'orderKeys':
      return tasks.insert([{ ...row, orderKey: 'k' }], now);
    default:
      return tasks.configure('a', { concurrency: 1 });
  }
}

/** An array of rows, not a callback. */
function carrying(change: Change, row: NewTask): Change {
  return { ...change, ...Object.fromEntries([['then', [row]]]) };
}
