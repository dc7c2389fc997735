import type { Backend, Capabilities, TaskStore } from '@omniq/core/storage';

/** The backend with other capabilities than it has. With `watch: false` and so on it goes without the optional verbs. */
export function withCapabilities(backend: Backend, capabilities: Partial<Capabilities>): Backend {
  const tasks = backend.tasks as TaskStore;
  const other: Partial<Record<string | symbol, unknown>> = {
    capabilities: { ...tasks.capabilities, ...capabilities },
    ...(capabilities.watch === false ? { swap: undefined, watch: undefined, nextDue: undefined } : {}),
  };
  const plain = new Proxy(tasks, {
    get(target, key) {
      if (key in other) return other[key];
      const value: unknown = target[key as keyof TaskStore];
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    has: (target, key) => key in target && (!(key in other) || other[key] !== undefined),
  });
  return { ...backend, tasks: plain, close: () => backend.close() };
}

/** All that a task store may leave out. */
export const plainest: Partial<Capabilities> = {
  watch: false,
  results: false,
  then: false,
  uniqueKeys: false,
};
