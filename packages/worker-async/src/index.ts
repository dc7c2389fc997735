export { AsyncExecutor } from './async-executor.ts';
