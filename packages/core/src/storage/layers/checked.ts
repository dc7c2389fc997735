import { asStoreError } from '../failures.ts';
import { checkId, checkName } from '../names.ts';
import type { TaskStore, TransactionStore } from '../task-store.ts';
import { checkCount, checkInstant } from './check-numbers.ts';
import { checkClaim, checkEdges, checkIds, checkQuery, checkSession, checkSettings } from './check-requests.ts';
import { checkInsert, checkUpdate, type CheckContext } from './check-rows.ts';
import { around, type StoreKind, type StoreKinds } from './verbs.ts';

export interface CheckedOptions {
  /** What to call the backend in messages, as in `@omniq/storage-<name>`. */
  readonly backend: string;
}

/**
 * Keeps requests that are out of bounds or that the store is not capable of from reaching it, so that adapters need no
 * checks of their own, and gives whatever an adapter throws a `STORE_*` code.
 *
 * Rejects with `INVALID_NAME`, `INVALID_OPTION`, `BATCH_TOO_LARGE` or `UNSUPPORTED`.
 */
export function checked(store: TaskStore, { backend }: CheckedOptions): TaskStore {
  const check = checksFor({ capabilities: store.capabilities, backend });
  return around('tasks', store, async (verb, args, call) => {
    (check as Record<string, ((...args: readonly never[]) => void) | undefined>)[verb]?.(...(args as readonly never[]));
    return translated(verb, call, backend);
  });
}

/** The translation alone, for the stores that take nothing but what the core made. */
export function owned<K extends StoreKind>(kind: K, store: StoreKinds[K], { backend }: CheckedOptions): StoreKinds[K] {
  return around(kind, store, (verb, _args, call) => translated(verb, call, backend));
}

async function translated(verb: string, call: () => Promise<unknown>, backend: string): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    throw asStoreError(error, backend, verb);
  }
}

type Check<Verb> = (...args: Parameters<Extract<Verb, (...args: never) => unknown>>) => void;

/** A check for each verb that takes anything. */
type Checks = { readonly [V in keyof TaskStore]?: Check<TaskStore[V]> } & {
  readonly [V in keyof TransactionStore as `within.${V}`]?: Check<TransactionStore[V]>;
};

function checksFor(context: CheckContext): Checks {
  return {
    insert(rows, now) {
      checkInsert(rows, context);
      checkInstant(now, 'now');
    },
    'within.insert'(rows, now) {
      checkInsert(rows, context);
      checkInstant(now, 'now');
    },
    'within.complete'(change, now) {
      checkUpdate([change], context);
      checkInstant(now, 'now');
    },
    claim: checkClaim,
    update(changes, now) {
      checkUpdate(changes, context);
      checkInstant(now, 'now');
    },
    swap(changes, request) {
      checkUpdate(changes, context);
      checkClaim(request);
    },
    get: checkIds,
    list: checkQuery,
    count: (now) => checkInstant(now, 'now'),
    remove(ids, rememberUntil) {
      checkIds(ids);
      checkInstant(rememberUntil, 'rememberUntil');
    },
    edges: checkEdges,
    history: (id) => void checkId(id, 'task id'),
    open(session, now) {
      checkSession(session);
      checkInstant(now, 'now');
    },
    beat(session, now) {
      checkId(session, 'session');
      checkInstant(now, 'now');
    },
    end(session, beats) {
      checkId(session, 'session');
      if (beats !== undefined) checkCount(beats, 'beats', 0);
    },
    nextDue(queues, now) {
      for (const queue of queues) checkName(queue, 'queue');
      checkInstant(now, 'now');
    },
    configure(queue, settings) {
      checkName(queue, 'queue');
      checkSettings(settings, context);
    },
  };
}
