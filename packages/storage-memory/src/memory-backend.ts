import type { Backend } from '@omniq/core/storage';
import { Bells } from './bells.ts';
import { Connection } from './connection.ts';
import { EventTable } from './event-table.ts';
import { MemoryEventStore } from './memory-event-store.ts';
import { MemoryRecordStore, RecordTable } from './memory-record-store.ts';
import { MemoryResultStore } from './memory-result-store.ts';
import { MemoryScheduleStore, ScheduleTable } from './memory-schedule-store.ts';
import { MemoryTaskStore } from './memory-task-store.ts';
import { ResultTable } from './result-table.ts';
import { TaskMachine } from './task-machine.ts';

/** What one name holds. */
class Memory {
  readonly results: ResultTable = new ResultTable();
  readonly machine: TaskMachine = new TaskMachine(this.results);
  readonly bells: Bells = new Bells();
  readonly events: EventTable = new EventTable();
  readonly schedules: ScheduleTable = new ScheduleTable();
  readonly records: RecordTable = new RecordTable();
  openings = 0;
}

const named = new Map<string, Memory>();

/**
 * Opens the memory of this name, shared within the process while anybody has it open; the last to close drops it.
 * Without a name, each opening has its own.
 */
export function openMemory(name: string): Backend {
  const memory = named.get(name) ?? new Memory();
  if (name !== '') named.set(name, memory);
  memory.openings += 1;
  const tasks = new MemoryTaskStore(memory.machine, memory.bells);
  const results = new MemoryResultStore(memory.results);
  const events = new MemoryEventStore(memory.events);
  const schedules = new MemoryScheduleStore(memory.schedules);
  const records = new MemoryRecordStore(memory.records);
  const opening = new Connection(() => {
    memory.openings -= 1;
    if (memory.openings === 0 && named.get(name) === memory) named.delete(name);
  });
  return {
    tasks,
    results,
    events,
    schedules,
    records,
    async close() {
      await Promise.all([tasks.close(), results.close(), events.close(), schedules.close(), records.close()]);
      opening.close();
    },
  };
}
