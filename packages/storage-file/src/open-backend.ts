import type { Backend } from '@omniq/core/storage';
import { openLogBackend } from '@omniq/storage-log';
import type { Disk } from './disk.ts';
import { FileEventStore } from './event-store.ts';
import { FileLog } from './file-log.ts';
import type { Location } from './location.ts';
import { openFolder } from './open-folder.ts';
import { FileRecordStore } from './record-store.ts';
import { FileResultStore } from './result-store.ts';

/** Opens all stores of a folder: see {@link openFolder} for what it throws. */
export async function openBackend({ folder, durability, tasks }: Location): Promise<Backend> {
  const disk = await openFolder(folder, { durability });
  const events = new FileEventStore(disk);
  const records = new FileRecordStore(disk);
  const others = tasks ? overLog(disk) : { results: new FileResultStore(disk) };
  return {
    ...others,
    events,
    records,
    async close() {
      await Promise.all([...Object.values(others), events, records].map((store) => store.close()));
    },
  };
}

function overLog(disk: Disk): Required<Pick<Backend, 'tasks' | 'results' | 'schedules'>> {
  const { tasks, results, schedules } = openLogBackend({
    log: new FileLog(disk),
    records: new FileRecordStore(disk, 'packs'),
  });
  return { tasks, results, schedules };
}
