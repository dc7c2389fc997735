import memory from '@omniq/storage-memory';
import { modelBased } from '@omniq/testkit/model';
import type { Opened } from '@omniq/testkit/storage';
import { describe, test } from 'vitest';
import file from '../src/index.ts';
import { freshFolders } from './folder.ts';

const fresh = freshFolders();
const reference = (): ReturnType<typeof memory.open> => memory.open('memory:', {});

modelBased('file', open, { describe, test }, { reference });

/** What a machine that stops leaves behind is tested elsewhere. */
async function open(): Promise<Opened> {
  const url = `file:${fresh()}`;
  const again = (): ReturnType<typeof file.open> => file.open(url, { durability: 'none' });
  return Object.assign(await again(), { again });
}
