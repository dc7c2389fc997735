import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
// Real time: another process that opens the same file is waited for, before there is a backend at all.
// oxlint-disable-next-line no-restricted-imports
import { setTimeout as pause } from 'node:timers/promises';
import { OmniQError, type Backend } from '@omniq/core/storage';
import { Connection } from './connection.ts';
import { SqliteEventStore } from './event-store.ts';
import { failureOf, isBusy } from './failure.ts';
import type { Location } from './location.ts';
import { migrate } from './migrations/migrate.ts';
import { mainSchema, sessionsSchema } from './migrations/schemas.ts';
import { SqliteRecordStore } from './record-store.ts';
import { SqliteResultStore } from './result-store.ts';
import { SqliteScheduleStore } from './schedule-store.ts';
import { SqliteTaskStore } from './task-store.ts';
import { Wakes } from './wakes.ts';

const IN_MEMORY = ':memory:';
const PAUSE_MS = 5;

/** Opens the database and brings its schema up to date. */
export async function openBackend(location: Location): Promise<Backend> {
  const { main, sessions } = await connect(location);
  try {
    migrate(main, mainSchema);
    migrate(sessions, sessionsSchema);
    return backendOf(main, sessions);
  } catch (error) {
    main.close();
    sessions.close();
    throw error;
  }
}

/** The main file and the one beside it that holds the sessions. */
export async function connect(location: Location): Promise<{ main: Connection; sessions: Connection }> {
  const main = await connectTo(location);
  if (location.file === IN_MEMORY) return { main, sessions: main };
  try {
    // Sessions die with the machine, so a loss of power may take them.
    return {
      main,
      sessions: await connectTo({ ...location, file: `${location.file}-sessions`, synchronous: 'normal' }),
    };
  } catch (error) {
    main.close();
    throw error;
  }
}

/** The switch to the write-ahead log, once in the life of a file, does not wait for others by itself. */
async function connectTo(location: Location): Promise<Connection> {
  makeFolder(location.file);
  for (let left = Math.ceil(location.busyTimeoutMs / PAUSE_MS); ; left -= 1) {
    try {
      return Connection.open(location);
    } catch (error) {
      if (left <= 0 || !isBusy(error)) throw failureOf(error, location.file);
      await pause(PAUSE_MS);
    }
  }
}

/** Makes one folder, not a path: a path that is missing is a disk that is not mounted, or a mistake. */
function makeFolder(file: string): void {
  if (file === IN_MEMORY || existsSync(dirname(file))) return;
  try {
    mkdirSync(dirname(file));
  } catch (cause) {
    if (existsSync(dirname(file))) return;
    throw new OmniQError('STORE_UNREACHABLE', `There is no folder ${dirname(file)} for the SQLite database.`, {
      hint: 'It is made if the folder that it lies in is there and may be written.',
      cause,
      backend: 'sqlite',
      file,
    });
  }
}

function backendOf(main: Connection, sessions: Connection): Backend {
  const inMemory = main.file === IN_MEMORY;
  // The small file: the log and the checkpoints of the other one would ring all the time.
  const wakes = new Wakes(inMemory ? null : sessions.file, () => main.hasChanged());
  // Each store may be closed alone; the connections go with the last one.
  const open = new Set(['tasks', 'results', 'events', 'schedules', 'records']);
  const closeAll = (): void => {
    wakes.close();
    main.close();
    sessions.close();
  };
  const closing = (store: string) => (): void => {
    if (open.delete(store) && open.size === 0) closeAll();
  };
  return {
    tasks: new SqliteTaskStore({ main, sessions, wakes, inMemory, close: closing('tasks') }),
    results: new SqliteResultStore(main, closing('results')),
    events: new SqliteEventStore(main, closing('events')),
    schedules: new SqliteScheduleStore(main, closing('schedules')),
    records: new SqliteRecordStore(main, closing('records')),
    async close(): Promise<void> {
      closeAll();
    },
  };
}
