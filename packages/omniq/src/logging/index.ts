export { createLogger, type LineSink } from './create-logger.ts';
export type { OmniQLogger } from './leveled-logger.ts';
export { bindTask, configureLogging, getLogger, taskContext } from './process-logger.ts';
