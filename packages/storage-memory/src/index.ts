export { plugin as default, plugin as memory } from './plugin.ts';
