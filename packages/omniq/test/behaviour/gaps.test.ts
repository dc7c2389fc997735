import { join } from 'node:path';
import { freshFolder, gapSuite } from './gap-suite.ts';

gapSuite('tasks in SQLite, results in files, events in SQLite', async () => {
  const folder = await freshFolder();
  return {
    tasks: `sqlite:${join(folder, 'tasks.db')}`,
    results: `file:${join(folder, 'results')}`,
    events: `sqlite:${join(folder, 'events.db')}`,
  };
});
