export { plugin as default, plugin as file } from './plugin.ts';
export type { FileOptions } from './location.ts';
export { FileLog, openFileLog } from './file-log.ts';
export { openFolder, type FolderOptions } from './open-folder.ts';
export { FileRecordStore } from './record-store.ts';
export { FileResultStore } from './result-store.ts';
export { FileEventStore } from './event-store.ts';
export { logFiles, type LogFile } from './log-files.ts';
