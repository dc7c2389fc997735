import { sleep, type NewTask, type TaskStore } from '@omniq/core/storage';
import { virtualAmbient, type VirtualAmbient } from '@omniq/testkit';
import { LogEngine } from '../../src/engine/log-engine.ts';
import { capabilitiesOf } from '../../src/log-capabilities.ts';
import { MachineTaskStore } from '../../src/stores/machine-task-store.ts';
import { FaultyLog, type Faults } from '../log/faulty-log.ts';
import { MemoryLog, SharedMemory, type MemoryLogOptions } from '../log/memory-log.ts';
import { seeded } from '../log/seeded.ts';
import { MemoryRecords } from './memory-records.ts';

/** One log, and the processes that share it, in virtual time. */
export interface Shore {
  readonly ambient: VirtualAmbient;
  readonly memory: SharedMemory;
  readonly records: MemoryRecords;
  /** A process of its own: its log, which can be made to fail, and its way to the tasks; turns may take their time. */
  process(faults?: Partial<Faults>, knows?: number, turnMs?: number): Process;
}

export interface Process {
  readonly log: FaultyLog;
  readonly engine: LogEngine;
  readonly tasks: TaskStore;
}

export function shore(seed = 1, options: Partial<MemoryLogOptions> = {}): Shore {
  const ambient = virtualAmbient(1_800_000_000_000, seeded(seed));
  const memory = new SharedMemory();
  const records = new MemoryRecords();
  return {
    ambient,
    memory,
    records,
    process(faults = {}, knows, turnMs = 0) {
      const turn = (): Promise<void> => (turnMs === 0 ? ambient.timers.turn() : sleep(ambient.timers, turnMs));
      const own = { ...ambient, timers: { ...ambient.timers, turn } };
      const log = new FaultyLog(
        new MemoryLog(memory, { numberedBy: 'writers', clock: null, ...options }),
        ambient,
        faults,
      );
      const engine = new LogEngine({ log, records, ambient: own, ...(knows === undefined ? {} : { knows }) });
      return { log, engine, tasks: new MachineTaskStore(engine.port(), capabilitiesOf(log)) };
    },
  };
}

export function newTask(id: string, now: number, more: Partial<NewTask> = {}): NewTask {
  return {
    id,
    queue: 'q',
    name: 'n',
    priority: 0,
    runAt: now,
    expiresAt: null,
    admitBy: now + 900_000,
    holdMs: 3_600_000,
    unique: null,
    orderKey: null,
    limitKey: null,
    parents: [],
    body: null,
    spec: null,
    ...more,
  };
}
