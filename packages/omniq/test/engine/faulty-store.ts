import { OmniQError } from '@omniq/core';
import type { TaskStore } from '@omniq/core/storage';

type Verb = (...args: unknown[]) => unknown;

/** The store as a plain object whose verbs can be replaced. */
export function bound(store: TaskStore): TaskStore {
  const verbs = ['insert', 'claim', 'update', 'swap', 'get', 'list', 'count', 'remove', 'edges', 'history'] as const;
  const others = ['open', 'beat', 'sessions', 'end', 'queues', 'configure', 'time', 'watch', 'close'] as const;
  const made: Record<string, unknown> = { capabilities: store.capabilities };
  for (const verb of [...verbs, ...others]) {
    const method = store[verb];
    if (typeof method === 'function') made[verb] = method.bind(store);
  }
  return made as unknown as TaskStore;
}

/** A way to the store that is cut while `isCut` says so of a verb: nothing gets through. */
export function cut(store: TaskStore, isCut: (verb: string) => boolean): TaskStore {
  const plain = bound(store) as unknown as Record<string, unknown>;
  for (const [verb, method] of Object.entries(plain)) {
    if (typeof method !== 'function' || verb === 'watch') continue;
    plain[verb] = async (...args: unknown[]): Promise<unknown> => {
      if (isCut(verb)) throw unreachable();
      return (method as Verb)(...args);
    };
  }
  return plain as unknown as TaskStore;
}

/** Loses the replies of a verb while `isLost` says so: what was asked for is done, and the caller does not hear of it. */
export function deaf(store: TaskStore, isLost: (verb: string, reply: unknown) => boolean): TaskStore {
  const plain = bound(store) as unknown as Record<string, unknown>;
  for (const [verb, method] of Object.entries(plain)) {
    if (typeof method !== 'function' || verb === 'watch') continue;
    plain[verb] = async (...args: unknown[]): Promise<unknown> => {
      const reply = await (method as Verb)(...args);
      if (isLost(verb, reply)) throw unreachable();
      return reply;
    };
  }
  return plain as unknown as TaskStore;
}

function unreachable(): OmniQError {
  return new OmniQError('STORE_UNREACHABLE', 'The network is cut.');
}
