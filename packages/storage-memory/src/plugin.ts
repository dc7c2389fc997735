import { CONTRACT, defineBackend, OmniQError, type BackendPlugin } from '@omniq/core/storage';
import { openMemory } from './memory-backend.ts';

/**
 * `memory:` opens a memory of its own each time; `memory://name` one that is shared within the process.
 */
export const plugin: BackendPlugin = defineBackend({
  name: 'memory',
  schemes: ['memory'],
  contract: CONTRACT,
  options: {},
  async open(url) {
    return openMemory(nameFrom(url));
  },
});

/** @throws OmniQError `INVALID_OPTION` */
function nameFrom(url: string): string {
  const name = /^memory:(?:\/\/)?([\w.-]{0,128})\/?$/.exec(url)?.[1];
  if (name !== undefined) return name;
  throw new OmniQError('INVALID_OPTION', 'The URL of a memory store is not valid.', {
    hint: 'It is memory: or memory://name, the name made of letters, digits, "_", "." and "-".',
  });
}
