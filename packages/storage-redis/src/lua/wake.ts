import type { Part } from './script.ts';

/** Tells whoever listens that a task may have become claimable or ended; costs next to nothing where nobody does. */
export const wake: Part = {
  keys: ['tasks'],
  // Not being allowed to tell does not undo what was done.
  lua: `
local function wake() redis.pcall('PUBLISH', TASKS:sub(1, -6) .. 'wake', '') end`,
};
