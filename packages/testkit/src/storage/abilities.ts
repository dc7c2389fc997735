import assert from 'node:assert/strict';
import {
  isOmniQError,
  layered,
  type NewTask,
  type OmniQErrorCode,
  type QueueSettings,
  type TaskStore,
} from '@omniq/core/storage';
import type { Stage } from './stage.ts';
import { bytes, followedBy } from './rows.ts';

/** The capabilities that are true or false and that a store without them refuses. */
export type Ability = 'clock' | 'watch' | 'results' | 'then' | 'transactions' | 'uniqueKeys' | 'orderKeys' | 'limits';

/**
 * Holds a store to what it says it cannot do: the verb is left out, or the request is refused and changes nothing. The
 * refusal may be left to the core's layers, which stand before every store.
 */
export function assertCannot(ability: Ability, stage: Stage): Promise<void> {
  return cannot[ability](stage);
}

/** The store as the core uses it. Nothing is tried again here, so nothing waits. */
function asUsed({ tasks }: Stage): TaskStore {
  const ambient = { clock: { monotonic: () => 0 }, timers: { after: () => () => {} }, random: () => 0 };
  return layered(tasks, { backend: 'tested', ambient, retry: { attempts: 1 } });
}

const cannot: Readonly<Record<Ability, (stage: Stage) => Promise<void>>> = {
  async clock({ tasks }) {
    assert.equal(
      'time' in tasks && typeof tasks.time === 'function',
      false,
      'a store without a clock leaves `time` out',
    );
  },
  async watch({ tasks }) {
    assert.equal(
      'watch' in tasks && typeof tasks.watch === 'function',
      false,
      'a store that cannot watch leaves `watch` out',
    );
  },
  async results(stage) {
    const { id, lease } = await stage.running(await stage.session());
    const change = { id, guard: { lease }, set: { state: 'completed' }, result: bytes(1) } as const;
    await rejectsWith('UNSUPPORTED', () => asUsed(stage).update([change], stage.now));
    assert.equal((await stage.row(id)).state, 'running', 'a refused change changes nothing');
  },
  async then(stage) {
    const { id, lease } = await stage.running(await stage.session());
    const change = followedBy({ id, guard: { lease }, set: { state: 'completed' } }, stage.task());
    await rejectsWith('UNSUPPORTED', () => asUsed(stage).update([change], stage.now));
    assert.equal((await stage.row(id)).state, 'running', 'a refused change changes nothing');
  },
  async transactions({ tasks }) {
    assert.equal(
      'within' in tasks && typeof tasks.within === 'function',
      false,
      'a store that takes part in no transactions leaves `within` out',
    );
  },
  uniqueKeys: (stage) => refusesRow(stage, { unique: { key: 'k', until: null } }),
  orderKeys: (stage) => refusesRow(stage, { orderKey: 'k' }),
  async limits(stage) {
    await refusesSetting(stage, { concurrency: 1 });
    await refusesSetting(stage, { rate: { limit: 1, periodMs: 1_000 } });
    await refusesSetting(stage, { perKey: { concurrency: 1, rate: null } });
    await stage.tasks.configure('default', { concurrency: null, rate: null, perKey: null });
  },
};

async function refusesRow(stage: Stage, given: Partial<NewTask>): Promise<void> {
  const [plain, asking] = [stage.task(), stage.task(given)];
  await rejectsWith('UNSUPPORTED', () => asUsed(stage).insert([plain, asking], stage.now));
  assert.deepEqual(
    await stage.tasks.get([plain.id, asking.id]),
    [undefined, undefined],
    'a refused insert inserts nothing',
  );
}

async function refusesSetting(stage: Stage, settings: Partial<QueueSettings>): Promise<void> {
  await rejectsWith('UNSUPPORTED', () => asUsed(stage).configure('default', settings));
}

/** Holds `work` to failing with this code. A call that throws at once counts as one that rejects. */
export async function rejectsWith(code: OmniQErrorCode, work: () => Promise<unknown>): Promise<void> {
  let outcome: unknown;
  try {
    outcome = await work();
  } catch (error) {
    if (isOmniQError(error, code)) return;
    throw new assert.AssertionError({ message: `rejects with ${code}`, actual: error, expected: code });
  }
  throw new assert.AssertionError({ message: `rejects with ${code}`, actual: outcome, expected: code });
}
