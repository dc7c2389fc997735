import { OmniQError, type Backend, type Capabilities, type TaskStore } from '@omniq/core/storage';

export interface Plainness {
  /** `false`: says that it cannot, and takes the request all the same. */
  readonly honest?: boolean;
}

/** The backend without what a task store may leave out: it says so and refuses what needs it. */
export function plainer(backend: Backend, { honest = true }: Plainness = {}): Backend {
  const tasks = backend.tasks as TaskStore;
  const refuse = (when: boolean, what: string): void => {
    if (when && honest) throw new OmniQError('UNSUPPORTED', `This store has no ${what}.`);
  };
  const less: Partial<Record<keyof TaskStore, unknown>> = {
    capabilities: { ...tasks.capabilities, ...withoutAll },
    swap: undefined,
    watch: undefined,
    async insert(...[rows, now]: Parameters<TaskStore['insert']>) {
      refuse(
        rows.some(({ unique }) => unique !== null),
        'unique keys',
      );
      return tasks.insert(rows, now);
    },
    async update(...[changes, now]: Parameters<TaskStore['update']>) {
      refuse(
        changes.some(({ result }) => result !== undefined),
        'results with changes',
      );
      refuse(
        changes.some((change) => change.then !== undefined),
        'rows with changes',
      );
      return tasks.update(changes, now);
    },
  };
  const plain = new Proxy(tasks, {
    get(target, key) {
      if (key in less) return less[key as keyof TaskStore];
      const value: unknown = target[key as keyof TaskStore];
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    has: (target, key) => key in target && (!(key in less) || less[key as keyof TaskStore] !== undefined),
  });
  return { ...backend, tasks: plain, close: () => backend.close() };
}

const withoutAll: Partial<Capabilities> = {
  watch: false,
  results: false,
  // oxlint-disable-next-line unicorn/no-thenable -- a capability, not a method
  then: false,
  uniqueKeys: false,
};
