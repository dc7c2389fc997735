export { formatByteSize, parseByteSize } from './byte-size.ts';
export { variables, type Variable } from './environment-layer.ts';
export { maskFields } from './mask-fields.ts';
export { maskSecrets } from './mask-secrets.ts';
export { resolveConfig } from './resolve-config.ts';
export { formatOrigin, type ConfigSources, type Origin, type ResolvedConfig } from './resolved-config.ts';
export { showConfig, showStore, type ShownSetting } from './show-config.ts';
export type { LoggingSettings, Settings, StoreName, StoreTarget, UrlTarget } from './settings.ts';
