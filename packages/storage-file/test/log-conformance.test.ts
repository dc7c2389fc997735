import { sharedLogConformance } from '@omniq/testkit/log';
import { describe, test } from 'vitest';
import { openFileLog } from '../src/index.ts';
import { freshFolders } from './folder.ts';

const fresh = freshFolders();

for (const durability of ['full', 'none'] as const) {
  sharedLogConformance(
    `files, durability ${durability}`,
    async () => {
      const folder = fresh();
      const again = () => openFileLog(folder, { durability });
      return Object.assign(await again(), { again });
    },
    { describe, test },
  );
}
