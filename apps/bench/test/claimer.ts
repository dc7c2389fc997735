import { writeSync } from 'node:fs';
import { loadSystem } from '../src/systems/load-system.ts';

/** Runs tasks of a queue, telling each, and is killed in the middle of the third. */
const [, , system = '', url = '', scope = '', leaseMs = ''] = process.argv;
const loaded = await loadSystem(system);
const queue = await loaded.open({ url, scope, create: false, leaseMs: Number(leaseMs) });
let ran = 0;
await queue.work((payload) => {
  ran += 1;
  writeSync(1, `${payload}\n`);
  if (ran === 3) process.kill(process.pid, 'SIGKILL');
});
