import type { Backend, BackendPlugin } from '@omniq/core/storage';

/** Tells a plugin from anything else that code or a package may give. */
export function isPlugin(value: unknown): value is BackendPlugin {
  if (typeof value !== 'object' || value === null) return false;
  const { name, schemes, open, contract } = value as Partial<BackendPlugin>;
  return (
    typeof name === 'string' && Array.isArray(schemes) && typeof open === 'function' && typeof contract === 'number'
  );
}

/** Tells a backend that is open: it can be closed and offers a store. */
export function isBackend(value: unknown): value is Backend {
  if (typeof value !== 'object' || value === null) return false;
  const backend = value as Partial<Backend>;
  if (typeof backend.close !== 'function') return false;
  return [backend.tasks, backend.results, backend.events, backend.schedules, backend.records].some(
    (store) => typeof store === 'object' && store !== null,
  );
}
