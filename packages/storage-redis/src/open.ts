import type { Backend } from '@omniq/core/storage';
import { Connection, type Client } from './connection.ts';
import { RedisEventStore } from './event-store.ts';
import { RedisRecordStore } from './record-store.ts';
import { RedisResultStore } from './result-store.ts';
import { RedisScheduleStore } from './schedule-store.ts';
import { RedisTaskStore } from './task-store.ts';
import { Wakes } from './wakes.ts';

/** All stores of a namespace. `connect` makes a connection: one for commands, and one to listen with. */
export function openBackend(connect: () => Client, namespace: string): Backend {
  const connection = new Connection(connect(), namespace);
  const wakes = new Wakes(connect, connection.prefix);
  const closeAll = (): void => {
    wakes.close();
    connection.close();
  };
  // Each store may be closed alone; the connections go with the last one.
  const open = new Set(['tasks', 'results', 'events', 'schedules', 'records']);
  const closing = (store: string) => (): void => {
    if (open.delete(store) && open.size === 0) closeAll();
  };
  return {
    tasks: new RedisTaskStore(connection, wakes, closing('tasks')),
    results: new RedisResultStore(connection, closing('results')),
    events: new RedisEventStore(connection, closing('events')),
    schedules: new RedisScheduleStore(connection, closing('schedules')),
    records: new RedisRecordStore(connection, closing('records')),
    async close(): Promise<void> {
      closeAll();
    },
  };
}
