import { expect, test } from 'vitest';
import { lines, Place } from './omniq-command.ts';

const file = `
tasks: postgres://app:hunter2@db/jobs
worker:
  concurrency: 3
  lease: 20
  poll: 5s
codec:
  signingKeys:
    - { id: k1, secret: ${'s3cret'.repeat(8)} }
`;

test('flags win over the environment, that over the file, that over defaults; and each says so', async () => {
  const place = await Place.make();
  await place.write('omniq.yaml', file);
  await place.write('other.yaml', 'worker: { concurrency: 7 }');
  const env = { OMNIQ_LEASE: '25', OMNIQ_RESULT_STORAGE_URL: 'sqlite:./env.db' };
  const flags = ['--results', 'sqlite:./flag.db', '--json'];
  const [shown, other, table] = await Promise.all([
    place.start(['--results', 'sqlite:./far.db', 'config', 'show', '--origin', ...flags], env).ended,
    place.start(['-c', 'other.yaml', 'config', 'show', '--origin', '--json']).ended,
    place.start(['config', 'show']).ended,
  ]);
  const said = (stdout: string): Record<string, unknown> =>
    Object.fromEntries(lines(stdout).map(({ key, value, origin }) => [key, [value, origin]]));
  expect(said(shown.stdout)).toMatchObject({
    tasks: ['postgres://app:***@db/jobs', 'omniq.yaml:2'],
    results: ['sqlite:./flag.db', 'flag'],
    'worker.concurrency': ['3', 'omniq.yaml:4'],
    'worker.lease': ['25s', 'OMNIQ_LEASE'],
    'worker.poll': ['5s', 'omniq.yaml:6'],
    'worker.prefetch': ['500', 'default'],
  });
  expect(said(other.stdout)).toMatchObject({
    'worker.concurrency': ['7', 'other.yaml:1'],
    tasks: ['memory:', 'default'],
  });
  expect(table.stdout).toMatch(/^KEY +VALUE\ntasks +postgres:\/\/app:\*\*\*@db\/jobs\n/u);
  for (const { stdout, stderr } of [shown, table]) expect(stdout + stderr).not.toMatch(/hunter2|s3cret/u);
});
