export type { Observe, StoreCall } from './instrumented.ts';
export { layered, layeredBackend, type LayerOptions } from './layered.ts';
