export type { LogCase, OpenedLog, OpenLog } from './log-case.ts';
export { logCases } from './log-cases.ts';
export {
  runLogConformance,
  type LogConformanceFailure,
  type LogConformanceOptions,
  type LogConformanceReport,
} from './run-log-conformance.ts';
export { sharedLogConformance, type LogTestRunner } from './shared-log-conformance.ts';
