export { checkHistory, type CheckOptions, type Verdict, type Violation } from './check-history.ts';
export { digestOfBytes, digestOfValue } from './digest.ts';
export type { RuleName } from './finding.ts';
export { historyOf, type History, type Line } from './history.ts';
export { historyFile, type HistorySink } from './history-file.ts';
export { printVerdict, type PrintOptions } from './print-verdict.ts';
export { readHistory } from './read-history.ts';
export type {
  Claim,
  Configure,
  EndSession,
  Enqueue,
  Fire,
  HistoryRecord,
  Invocation,
  InvocationRecord,
  Leased,
  Outcome,
  OutcomeRecord,
  Phase,
  ProcessHeader,
  Remove,
  Settle,
  SettledState,
  Start,
  StartRecord,
  Steer,
  StoreHeader,
} from './record.ts';
export { recordEnqueues, type Enqueues } from './record-enqueues.ts';
export { recorded } from './recorded.ts';
export { Recorder, type Pending, type RecorderOptions } from './recorder.ts';
export { recordingBackend, recordingPlugin } from './recording-plugin.ts';
export { recordingStore, type RecordingOptions } from './recording-store.ts';
export { snapshotOf, type Snapshot } from './snapshot.ts';
