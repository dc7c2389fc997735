import { expect, test } from 'vitest';
import { lines, Place } from './omniq-command.ts';

test('migrate tells what there is to do, does it, and has then nothing left', async () => {
  const place = await Place.make();
  const status = await place.run('migrate', '--json');
  expect(lines(status.stdout)).toMatchObject([{ backend: 'sqlite', url: place.url, migrates: true }]);
  expect(lines(status.stdout)[0]?.['steps']).not.toEqual([]);
  const up = await place.run('migrate', 'up');
  expect(up.stdout).toMatch(/^sqlite sqlite:\.\/jobs\.db:\n {2}applied: /u);
  expect(await place.run('migrate', 'status')).toEqual({
    code: 0,
    stdout: `sqlite ${place.url}: up to date\n`,
    stderr: '',
  });
});

test('doctor finds a sound set-up sound and leaves nothing behind', async () => {
  const place = await Place.make();
  const omniq = await place.open();
  const { code, stdout } = await place.run('doctor', '--json');
  expect(code).toBe(0);
  const [report] = lines(stdout) as unknown as [
    { ok: boolean; checks: { check: string; status: string; detail: string }[] },
  ];
  expect(report.ok).toBe(true);
  expect(report.checks.map(({ check, status }) => `${check} ${status}`)).toEqual([
    'node ok',
    'configuration ok',
    'backends ok',
    'packages ok',
    'sqlite: answers ok',
    'sqlite: schema ok',
    'sqlite: clock ok',
    'sqlite: round trip ok',
    'sqlite: durability ok',
  ]);
  expect(report.checks.at(-1)?.detail).toContain('synchronous=full');
  expect(await omniq.tasks.count()).toEqual([]);
  expect(await omniq.queues.list()).toEqual([]);
});

test('doctor ends with 1 and names what is wrong', async () => {
  const place = await Place.make();
  await place.write('jobs.db', 'this is no database, and long enough to be told from one');
  await place.write('omniq.yaml', 'worker: { leese: 3 }');
  const [broken, misread] = await Promise.all([place.run('doctor', '-c', '', '--json'), place.run('doctor')]);
  expect(broken.code).toBe(1);
  const [report] = lines(broken.stdout) as unknown as [{ ok: boolean; checks: { check: string; code?: string }[] }];
  expect(report.ok).toBe(false);
  expect(report.checks.find(({ check }) => check === 'sqlite: answers')).toMatchObject({
    status: 'failed',
    code: 'STORE_CORRUPT',
  });
  expect(misread.code).toBe(1);
  expect(misread.stdout).toMatch(/failed +configuration +.*lease/u);
});
