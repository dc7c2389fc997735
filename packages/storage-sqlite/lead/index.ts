export { openSqlite, plugin as default, plugin as sqlite, type SqliteOptions } from './plugin.ts';
