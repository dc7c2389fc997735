export { findPlugin, type PluginSources } from './find-plugin.ts';
export { openBackend, type OpenedBackend, type OpenOptions } from './open-backend.ts';
export { openStores, type OpenedStores } from './open-stores.ts';
