export type { ConformanceCase, OpenBackend, Opened, StoreKind, UserTransaction } from './case.ts';
export { cases } from './cases.ts';
export { conformance, type TestRunner } from './conformance.ts';
export type { WrapBackend } from './perform-case.ts';
export { newEvent, newSchedule, newSession, newTask } from './rows.ts';
export {
  runConformance,
  type ConformanceFailure,
  type ConformanceOptions,
  type ConformanceReport,
  type Tally,
} from './run-conformance.ts';
