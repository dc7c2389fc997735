import { CONTRACT, defineBackend, type BackendPlugin } from '@omniq/core/storage';
import { locate } from './location.ts';
import { openBackend } from './open-backend.ts';
import { readLog } from './read-log.ts';

/** `file:./jobs` opens a folder. */
export const plugin: BackendPlugin = defineBackend({
  name: 'file',
  schemes: ['file'],
  contract: CONTRACT,
  options: {
    durability: {
      type: 'string',
      default: 'full',
      about: 'What an acknowledged write survives: full, the loss of power; none, the end of the process.',
    },
    tasks: {
      type: 'boolean',
      default: true,
      about: 'Without it the folder holds results, events and records alone, for tasks that live elsewhere.',
    },
  },
  open: async (url, options) => openBackend(locate(url, options)),
  readLog: (url, options, after) => readLog(locate(url, options), after),
});
