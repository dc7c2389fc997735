export { checked, type CheckedOptions } from './checked.ts';
export { instrumented, type MonotonicClock, type Observe, type StoreCall } from './instrumented.ts';
export { layered, layeredBackend, type LayerOptions } from './layered.ts';
export type { RetryOptions, RetrySurroundings } from './patience.ts';
export { retrying } from './retrying.ts';
export type { StoreKind } from './verbs.ts';
