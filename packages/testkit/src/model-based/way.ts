import { layeredBackend, OmniQError, type Backend } from '@omniq/core/storage';
import type { Opened } from '../storage/case.ts';
import type { Fault, Way } from './side.ts';

/** Opens `count` clients, if the backend lets several share its data, else one. */
export async function directWay(opened: Opened, count: number): Promise<Way> {
  const { again } = opened;
  const others = again === undefined ? [] : await Promise.all(Array.from({ length: count - 1 }, again));
  const clients: readonly Backend[] = [opened, ...others];
  return {
    clients,
    async close() {
      for (const client of [...clients].reverse()) await client.close();
    },
  };
}

/** The same way behind the layers that the core puts before every store, with a network that can be made to fail. */
export function layeredWay(way: Way): Way {
  let next: Fault | undefined;
  const network: Network = async (call) => {
    const fault = next;
    next = undefined;
    if (fault === undefined) return call();
    if (fault === 'after') await call().catch(() => undefined);
    throw new OmniQError('STORE_UNREACHABLE', 'The network failed on purpose.');
  };
  const clients = way.clients.map((client) =>
    layeredBackend(behind(network, client), { backend: 'tested', ambient: timeless }),
  );
  return { clients, fail: (how) => void (next = how), close: () => way.close() };
}

type Network = (call: () => Promise<unknown>) => Promise<unknown>;

/** Waiting for a retry takes no time. */
const timeless = {
  clock: { monotonic: () => 0 },
  timers: {
    after(_ms: number, fn: () => void) {
      queueMicrotask(fn);
      return () => {};
    },
  },
  random: () => 0.5,
};

function behind(network: Network, backend: Backend): Backend {
  const { tasks, results, schedules, records } = backend;
  return {
    ...(tasks === undefined ? {} : { tasks: through(network, tasks) }),
    ...(results === undefined ? {} : { results: through(network, results) }),
    ...(schedules === undefined ? {} : { schedules: through(network, schedules) }),
    ...(records === undefined ? {} : { records: through(network, records) }),
    close: () => backend.close(),
  };
}

function through<T extends object>(network: Network, store: T): T {
  return new Proxy(store, {
    get(target, verb) {
      const value: unknown = Reflect.get(target, verb, target);
      if (typeof value !== 'function') return value;
      const bound = (...args: unknown[]): unknown => (value as (...given: unknown[]) => unknown).apply(target, args);
      return verb === 'watch' ? bound : (...args: unknown[]) => network(async () => bound(...args));
    },
  });
}
