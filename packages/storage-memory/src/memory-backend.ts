import type { Backend, Capabilities } from '@omniq/core/storage';
import { MachineResultStore, MachineScheduleStore, MachineTaskStore } from '@omniq/storage-log';
import { Connection } from './connection.ts';
import { EventTable } from './event-table.ts';
import { LocalMachine } from './local-machine.ts';
import { MemoryEventStore } from './memory-event-store.ts';
import { MemoryRecordStore, RecordTable } from './memory-record-store.ts';

const capabilities: Capabilities = {
  durable: false,
  shared: 'process',
  order: 'strict',
  clock: false,
  watch: true,
  results: true,
  then: true,
  transactions: false,
  uniqueKeys: true,
  orderKeys: false,
  limits: false,
};

/** What one name holds. */
class Memory {
  readonly machine: LocalMachine = new LocalMachine();
  readonly events: EventTable = new EventTable();
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
  const { machine } = memory;
  const tasks = new MachineTaskStore(machine.port(), capabilities);
  const results = new MachineResultStore(machine.port());
  const events = new MemoryEventStore(memory.events);
  const schedules = new MachineScheduleStore(machine.port());
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
