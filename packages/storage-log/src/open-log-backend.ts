import { systemAmbient, type Ambient, type Backend, type RecordStore } from '@omniq/core/storage';
import { LogEngine } from './engine/log-engine.ts';
import { capabilitiesOf } from './log-capabilities.ts';
import type { SharedLog } from './shared-log.ts';
import { MachineResultStore } from './stores/machine-result-store.ts';
import { MachineScheduleStore } from './stores/machine-schedule-store.ts';
import { MachineTaskStore } from './stores/machine-task-store.ts';

export interface LogBackendOptions {
  readonly log: SharedLog;
  /** Where bytes lie that are too large for the log; not closed with the backend. */
  readonly records: RecordStore;
  /** Clock, timers and random source; the real ones by default. */
  readonly ambient?: Ambient;
}

/** The stores that a log gives. */
export type LogBackend = Required<Pick<Backend, 'tasks' | 'results' | 'schedules' | 'close'>>;

/** Tasks, results and schedules over a shared log. Closing the last store, or the backend, closes the log. */
export function openLogBackend({ log, records, ambient = systemAmbient }: LogBackendOptions): LogBackend {
  const engine = new LogEngine({ log, records, ambient });
  const tasks = new MachineTaskStore(engine.port(), capabilitiesOf(log));
  const results = new MachineResultStore(engine.port());
  const schedules = new MachineScheduleStore(engine.port());
  return {
    tasks,
    results,
    schedules,
    async close() {
      await Promise.all([tasks.close(), results.close(), schedules.close()]);
    },
  };
}
