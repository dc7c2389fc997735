import { describe, expect, test } from 'vitest';
import { exitCodeOf, exitCodes } from '../src/exit-codes.ts';
import { Place } from './omniq-command.ts';

/** A command line, its exit code, and what it says on stderr; for `0` on stdout. */
const table: readonly (readonly [line: string, code: number, said: RegExp])[] = [
  ['--help', 0, /Exit codes:\n {2}0 +done/u],
  ['help tasks redrive', 0, /Usage: omniq tasks redrive\|retry \[options\] \[ids...\]/u],
  ['--version', 0, /^\d+\.\d+\.\d+/u],
  ['', 2, /^Usage: omniq/u],
  ['wrker', 2, /^error USAGE: unknown command 'wrker' \(Did you mean worker\?\)/u],
  ['tasks lst', 2, /unknown command 'lst' \(Did you mean ls\?\)/u],
  ['tasks ls --limt 3', 2, /unknown option '--limt' \(Did you mean --limit\?\)/u],
  ['tasks ls --limit 0', 2, /whole number from 1/u],
  ['tasks ls --state runing', 2, /There is no state runing/u],
  ['tasks cancel', 2, /No tasks to cancel/u],
  ['tasks cancel x --all', 2, /Ids and filters/u],
  ['worker', 2, /No task modules/u],
  ['worker nowhere.js', 2, /^error INVALID_OPTION: .*nowhere\.js/u],
  ['enqueue t {a:1}', 2, /is not JSON/u],
  ['enqueue t @nowhere.json', 2, /nowhere\.json cannot be read/u],
  ['enqueue t --timeout 3s', 2, /--timeout is the limit of --wait/u],
  ['enqueue t --at tomorrow', 2, /^error INVALID_OPTION/u],
  ['enqueue t {"__proto__":{}}', 2, /^error PAYLOAD_UNSUPPORTED/u],
  ['tasks ls --storage sqllite:./x.db', 2, /^error BACKEND_UNKNOWN: .*sqlite/u],
  ['tasks ls --storage memory:', 2, /in memory, which no other process sees/u],
  ['tasks ls --config nowhere.yaml', 2, /^error INVALID_CONFIG/u],
  ['tasks show nobody', 3, /^error TASK_NOT_FOUND: .*\nhint: /u],
  ['enqueue t --depends-on nobody', 3, /^error PARENT_UNKNOWN/u],
  [
    'tasks ls --storage sqlite:./no/such/folder/x.db',
    4,
    /^error STORE_UNREACHABLE: .*\n(cause: .*\n)?hint: omniq doctor/u,
  ],
  ['enqueue t --wait --timeout 10ms', 1, /^[\da-f-]{36}\nerror RESULT_TIMEOUT/u],
];

describe.concurrent('a command ends with the code that was promised', () => {
  // All in one place: none of these lines depends on what another has left there.
  const place = Place.forFile();
  for (const [line, code, said] of table) {
    test(`omniq ${line} → ${code}`, async ({ expect }) => {
      const args = line.split(' ').filter((word) => word !== '');
      const answer = await (await place).run(...args);
      expect(answer.code).toBe(code);
      expect(code === 0 ? answer.stdout : answer.stderr).toMatch(said);
      if (code !== 0) expect(answer.stdout).toBe('');
    });
  }
});

test('with --json an error is one object on stderr', async () => {
  const place = await Place.make();
  const answers = await Promise.all([
    place.run('tasks', 'show', 'nobody', '--json'),
    place.run('--json', 'wrker\u001b[2J'),
    place.run('tasks', 'ls', '--json', '--storage', 'sqlite:./no/folder/x.db'),
  ]);
  expect(answers.map(({ stderr }) => JSON.parse(stderr) as unknown)).toMatchObject([
    { error: { code: 'TASK_NOT_FOUND', exitCode: 3, details: { id: 'nobody' } } },
    { error: { code: 'USAGE', exitCode: 2 } },
    { error: { code: 'STORE_UNREACHABLE', exitCode: 4 } },
  ]);
  for (const { stdout, stderr } of answers) {
    expect(stdout).toBe('');
    expect(stderr).not.toContain('\u001b');
  }
});

test('no error tells a password, however deep it lies', async () => {
  const place = await Place.make();
  await place.write(
    'leaky.js',
    `const deep = new Error('deep: leaky://app:hunter2@host');
    export default { name: 'leaky', schemes: ['leaky'], contract: 1, options: {}, async open(url) {
      throw new TypeError('no way to ' + url, { cause: new Error('refused', { cause: deep }) });
    } };`,
  );
  const args = ['tasks', 'ls', '--storage', 'leaky://app:hunter2@host'];
  const env = { OMNIQ_PLUGINS: './leaky.js' };
  const [text, json] = await Promise.all([place.start(args, env).ended, place.start([...args, '--json'], env).ended]);
  expect(text).toMatchObject({ code: 4, stdout: '' });
  expect(text.stderr).toMatch(
    /^error STORE_UNREACHABLE: .*\ncause: Error: refused\ncause: Error: deep: leaky:\/\/app:\*\*\*@host\nhint/u,
  );
  expect(text.stderr + json.stderr).not.toContain('hunter2');
});

test('a code that nobody knows is a plain failure, also one that objects are born with', () => {
  expect(exitCodeOf('TASK_EXPIRED')).toBe(exitCodes.taskFailed);
  expect(exitCodeOf('SOMETHING_NEW')).toBe(exitCodes.failure);
  expect(exitCodeOf('constructor')).toBe(exitCodes.failure);
});
