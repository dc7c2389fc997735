export { openSqlite, plugin as default, plugin as sqlite } from '../lead/plugin.ts';
