import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Place, type Running } from './omniq-command.ts';

/** Runs until its signal aborts, or for good; says so in files. */
const module = `
import { writeFileSync } from 'node:fs';
const untilAborted = (signal) => new Promise((_, refuse) => signal.addEventListener('abort', () => refuse(signal.reason)));
export const hold = async (_, ctx) => {
  writeFileSync('started-' + ctx.id, '');
  const timer = setInterval(() => {}, 1_000);
  try { await untilAborted(ctx.signal); } finally { clearInterval(timer); }
};
export const brief = async (_, ctx) => {
  writeFileSync('started-' + ctx.id, '');
  const { existsSync } = await import('node:fs');
  while (!existsSync('go')) await new Promise((next) => setTimeout(next, 10));
};
`;

async function started(place: Place, name: string, ...flags: readonly string[]): Promise<Running> {
  await place.write('tasks.js', module);
  const omniq = await place.open();
  await omniq.enqueue(`tasks.js#${name}`, null, { id: 'held' });
  const worker = place.start(['worker', 'tasks.js', '--storage', place.url, ...flags]);
  await expect.poll(() => existsSync(join(place.folder, 'started-held')), { timeout: 20_000, interval: 20 }).toBe(true);
  return worker;
}

test('SIGTERM hands a task that outlasts the shutdown timeout back, and no attempt is spent', async () => {
  const place = await Place.make();
  const worker = await started(place, 'hold', '--shutdown-timeout', '50ms');
  worker.process.kill('SIGTERM');
  const { code, stderr } = await worker.ended;
  expect(code).toBe(143);
  expect(stderr).toContain('SIGTERM: finishing 1 task; once more hands them back at once');
  const task = await (await place.open()).tasks.get('held');
  expect(task).toMatchObject({ state: 'pending', attempt: 0, crashes: 0, error: null });
});

test('a run that ends within the shutdown timeout is finished', async () => {
  const place = await Place.make();
  const worker = await started(place, 'brief', '--shutdown-timeout', '1m');
  worker.process.kill('SIGINT');
  await worker.said('SIGINT: finishing 1 task');
  await place.write('go', '');
  const { code, stderr } = await worker.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('stopped: 1 completed, 0 failed');
  expect(await (await place.open()).tasks.get('held')).toMatchObject({ state: 'completed', attempt: 1 });
});

test('Ctrl-C twice does not wait for the shutdown timeout', async () => {
  const place = await Place.make();
  const worker = await started(place, 'hold', '--shutdown-timeout', '10m');
  worker.process.kill('SIGINT');
  await worker.said('finishing 1 task');
  worker.process.kill('SIGINT');
  const { code, stderr } = await worker.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('SIGINT: handing back 1 task');
  expect(await (await place.open()).tasks.get('held')).toMatchObject({ state: 'pending', attempt: 0, crashes: 0 });
});
