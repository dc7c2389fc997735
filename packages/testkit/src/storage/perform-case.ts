import type { Backend } from '@omniq/core/storage';
import type { ConformanceCase, OpenBackend, Opened } from './case.ts';

/** Puts layers around a backend. */
export type WrapBackend = (backend: Backend) => Backend;

/** Runs a case and closes every backend that it opened. */
export async function performCase(
  subject: ConformanceCase,
  open: OpenBackend,
  wrap: WrapBackend = (backend) => backend,
): Promise<'proved' | 'absent'> {
  const opened: Backend[] = [];
  const keep = (backend: Backend): Backend => {
    opened.push(backend);
    return wrap(backend);
  };
  const tracked = async (): Promise<Opened> => {
    const backend = await open();
    const { again, begin } = backend;
    const wrapped = keep(backend);
    return {
      ...storesOf(wrapped),
      close: () => wrapped.close(),
      ...(begin === undefined ? {} : { begin }),
      ...(again === undefined ? {} : { again: async () => keep(await again.call(backend)) }),
    };
  };
  try {
    return await subject.run(tracked);
  } finally {
    await Promise.all(opened.map((backend) => backend.close()));
  }
}

function storesOf({ tasks, results, events, schedules, records }: Backend): Omit<Backend, 'close'> {
  return {
    ...(tasks === undefined ? {} : { tasks }),
    ...(results === undefined ? {} : { results }),
    ...(events === undefined ? {} : { events }),
    ...(schedules === undefined ? {} : { schedules }),
    ...(records === undefined ? {} : { records }),
  };
}
