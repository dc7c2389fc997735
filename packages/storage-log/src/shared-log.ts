export type { LogCapabilities, LogEntry, LogSnapshot, SharedLog } from '@omniq/core/storage';
